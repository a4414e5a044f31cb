using Edge.Hardware.Drivers.Host;
using Xunit;

namespace Edge.Hardware.Tests.Drivers.Host;

public sealed class HostSensorTests
{
    [Fact]
    public void Read_TreeAsOnARaspberryPi4_GivesEveryMetricInItsUnit()
    {
        using var machine = new Machine("pi4");
        using HostSensor sensor = Open(machine);
        Assert.Equal(
        [
            ("cpu/temperature", 48.312, "Cel"), // once, though the kernel shows it as thermal zone and as hwmon
            ("load/1min", 0.42, "/"), ("load/5min", 0.35, "/"), ("load/15min", 0.29, "/"),
            ("memory/total", 3884352.0 * 1024, "B"), ("memory/available", 3402272.0 * 1024, "B"), ("swap/used", 1024.0 * 1024, "B"),
            ("disk/root/total", 1000, "B"), ("disk/root/used", 400, "B"), ("disk/var-lib-edge/total", 1000, "B"), ("disk/var-lib-edge/used", 400, "B"),
            ("network/eth0/received", 98765432109, "B"), ("network/eth0/sent", 1234567890, "B"), ("network/wlan0/received", 0, "B"), ("network/wlan0/sent", 0, "B"),
            ("uptime", 350735.47, "s"),
        ], Read(sensor).Select(r => (r.Metric, r.Value, r.Unit)));
        Assert.All(Read(sensor), r => Assert.Equal((SensorQuality.Good, 5L), (r.Quality, r.TimestampMs)));
    }

    [Fact]
    public void Read_TreeAsOnAPc_NamesEachTemperatureOnce()
    {
        using var machine = new Machine("pc");
        using HostSensor sensor = Open(machine);
        Assert.Equal(
        [
            ("acpitz/temperature", 27.8), ("acpitz-2/temperature", 29.8), ("cpu/temperature", 51), ("iwlwifi-1/temperature", 41),
            ("nvme/composite/temperature", 36.85), ("coretemp/core-0/temperature", 51), ("coretemp/core-1/temperature", 52), ("k10temp/temp1/temperature", -5.25),
        ], Read(sensor).Where(r => r.Unit == "Cel").Select(r => (r.Metric, r.Value)));
    }

    // The virtual machine it was recorded on has no temperature and no swap, and three interfaces.
    [Fact]
    public void Read_RecordedVirtualMachine_LeavesOutWhatIsNotThere()
    {
        using var machine = new Machine("vm");
        using HostSensor sensor = Open(machine);
        Assert.Equal(
        [
            ("load/1min", 1.03), ("load/5min", 1.35), ("load/15min", 0.89), ("memory/total", 24683656.0 * 1024), ("memory/available", 24126632.0 * 1024),
            ("disk/root/total", 1000), ("disk/root/used", 400), ("disk/var-lib-edge/total", 1000), ("disk/var-lib-edge/used", 400),
            ("network/ifb0/received", 0), ("network/ifb0/sent", 0), ("network/ifb1/received", 0), ("network/ifb1/sent", 0), ("network/eth0/received", 104291271), ("network/eth0/sent", 204500),
            ("uptime", 4963.30),
        ], Read(sensor).Select(r => (r.Metric, r.Value)));
    }

    [Theory]
    [InlineData("sys/class/thermal/thermal_zone0/temp", "cpu/temperature")]
    [InlineData("proc/loadavg", "load/1min")]
    [InlineData("proc/meminfo", "memory/available")]
    [InlineData("proc/net/dev", "network")]
    [InlineData("proc/uptime", "uptime")]
    public void Read_OneFileGoesOrIsGarbage_FaultsAloneAndOthersStayGood(string path, string metric)
    {
        using var machine = new Machine("pi4");
        using HostSensor sensor = Open(machine);
        int good = Read(sensor).Count;
        foreach (Action harm in new Action[] { () => machine.Write(path, "a b\nc\nd: e f"), () => machine.Write(path, ""), () => machine.Delete(path) })
        {
            harm();
            IReadOnlyList<SensorReading> readings = Read(sensor);
            Assert.All(readings.Where(r => r.Quality != SensorQuality.Good), r => Assert.StartsWith(metric, r.Metric, StringComparison.Ordinal));
            Assert.InRange(readings.Count(r => r.Quality == SensorQuality.Good), good - 4, good - 1);
        }
        SensorReading fault = Assert.Single(Read(sensor), r => r.Quality == SensorQuality.Fault);
        Assert.Equal(metric, fault.Metric);
        Assert.True(double.IsNaN(fault.Value));
        Assert.Contains(metric, fault.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_TemperatureNoBoardCanHave_IsOutOfRange()
    {
        using var machine = new Machine("pi4");
        using HostSensor sensor = Open(machine);
        machine.Write("sys/class/thermal/thermal_zone0/temp", "-274000\n");
        SensorReading reading = Read(sensor)[0];
        Assert.Equal((SensorQuality.OutOfRange, -274.0), (reading.Quality, reading.Value));
        Assert.Contains("-60 to 200", reading.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_InterfacesChosen_GivesThoseAndFaultsTheMissing()
    {
        using var machine = new Machine("pi4");
        using HostSensor sensor = Open(machine, interfaces: "lo, wwan0");
        IReadOnlyList<SensorReading> network = [.. Read(sensor).Where(r => r.Metric.StartsWith("network", StringComparison.Ordinal))];
        Assert.Equal(["network/lo/received", "network/lo/sent", "network/wwan0"], network.Select(r => r.Metric));
        Assert.Equal(SensorQuality.Fault, network[2].Quality);
    }

    [Fact]
    public void Open_NothingThere_SaysSo()
    {
        using var sensor = new HostSensor("host", new HostSensorSettings("/nowhere-at-all", [], []), _ => default);
        Assert.Contains("/nowhere-at-all", Assert.Throws<SensorException>(sensor.Open).Message, StringComparison.Ordinal);
    }

    // The machine the tests run on: real /proc, real disk.
    [Fact]
    public void Read_ThisMachine_GivesLoadMemoryDiskAndUptime()
    {
        if (!OperatingSystem.IsLinux()) return;
        var problems = new List<string>();
        using ISensor sensor = HostSensor.Create(new SensorOptions(), problems, "Sensors:0")!;
        sensor.Open();
        var buffer = new ReadingBuffer(5);
        sensor.Read(buffer);
        Assert.All(["load/1min", "memory/total", "memory/available", "disk/root/total", "disk/root/used", "uptime"],
            metric => Assert.Equal(SensorQuality.Good, Assert.Single(buffer.Readings, r => r.Metric == metric).Quality));
    }

    private static HostSensor Open(Machine machine, string interfaces = "")
    {
        var problems = new List<string>();
        var options = new SensorOptions { Settings = { ["Root"] = machine.Root, ["disks"] = "/, /var/lib/edge", ["interfaces"] = interfaces } };
        HostSensorSettings? settings = HostSensorSettings.Parse(options, "Sensors:0", problems);
        Assert.Empty(problems);
        var sensor = new HostSensor("host", settings!, _ => (1000, 600));
        sensor.Open();
        return sensor;
    }

    private static IReadOnlyList<SensorReading> Read(HostSensor sensor)
    {
        var buffer = new ReadingBuffer(5);
        sensor.Read(buffer);
        return buffer.Readings;
    }
}
