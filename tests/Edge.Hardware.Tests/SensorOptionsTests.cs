using Xunit;

namespace Edge.Hardware.Tests;

public sealed class SensorOptionsTests
{
    [Fact]
    public void Validate_Defaults_AreRight() => Assert.Empty(SensorOptionsValidator.Validate([new SensorOptions()]));

    [Fact]
    public void Validate_ManyProblems_ReportsAllWithKeyAndWhatIsAllowed()
    {
        IReadOnlyList<string> problems = SensorOptionsValidator.Validate(
        [
            new() { Name = "a b", Driver = "bme281", Topic = "__x", Interval = TimeSpan.Zero, Key = "{metrics}" },
            new() { Name = "host", Settings = { ["disk"] = "/", ["root"] = "proc" } },
            new() { Name = "HOST", Settings = { ["disks"] = "/,data" } },
        ]);
        string[] starts =
        [
            "Sensors:0:name is 'a b'", "Sensors:0:topic is '__x'", "Sensors:0:interval is 00:00:00; use 100ms to 1d", "Sensors:0:key is '{metrics}'", "Sensors:0:driver is 'bme281'; use one of: host",
            "Sensors:1:settings:disk is not known to driver 'host'; use: root, disks, interfaces", "Sensors:1:settings:root is 'proc'", "Sensors:2:name 'HOST' is used twice", "Sensors:2:settings:disks has 'data'",
        ];
        Assert.Equal(starts.Length, problems.Count);
        Assert.All(starts.Zip(problems), pair => Assert.StartsWith(pair.First, pair.Second, StringComparison.Ordinal));
    }
}
