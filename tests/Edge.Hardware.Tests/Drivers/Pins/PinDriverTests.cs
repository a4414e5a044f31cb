using System.Collections.Concurrent;
using Edge.Hardware.Buses;
using Edge.Hardware.Drivers.Pins;
using Edge.Hardware.Gpio;
using Edge.Hardware.Simulation;
using Edge.Hardware.State;
using Xunit;

namespace Edge.Hardware.Tests.Drivers.Pins;

public sealed class PinDriverTests : IDisposable
{
    private readonly Bench _bench = new();

    private SimulatedGpio Gpio => _bench.Hardware.Gpio;

    [Fact]
    public void Input_Changes_AreEmittedWithKernelTimeAndSequence()
    {
        ISensor sensor = _bench.Create("gpio-input", ("line", "header pin 11"));
        var emitted = new ConcurrentQueue<SensorReading>();
        ((IEmitsEdges)sensor).Emit = emitted.Enqueue;
        sensor.Open();
        long now = _bench.Hardware.MonotonicNs;
        Gpio.Drive("GPIO17", true, now + 1_000_000);
        Gpio.Drive("GPIO17", false, now + 3_500_000);
        Until(() => emitted.Count == 2);
        Assert.Equal([(1.0, now + 1_000_000, 1u, 0L), (0.0, now + 3_500_000, 2u, 0L)], emitted.Select(static e => (e.Value, e.Edge!.TimeNs, e.Edge.Sequence, e.Edge.LostBefore)));
        Assert.Equal((0, 2, 0), (Value(sensor, "level"), Value(sensor, "changes"), Value(sensor, "lost")));
    }

    // Goal: an edge that the chip itself swallowed is told too, though it has no number. Method: two edges of one direction.
    [Fact]
    public void Input_TwoEdgesOfOneDirection_TellTheLostOneBetween()
    {
        ISensor sensor = _bench.Create("gpio-input", ("line", "GPIO17"));
        var emitted = new ConcurrentQueue<SensorReading>();
        ((IEmitsEdges)sensor).Emit = emitted.Enqueue;
        sensor.Open();
        Gpio.Drive("GPIO17", true);
        Gpio.Glitch("GPIO17");
        Until(() => emitted.Count == 2);
        Assert.Equal([(1.0, 0L), (1.0, 1L)], emitted.Select(static e => (e.Value, e.Edge!.LostBefore)));
        Assert.Equal(1, Value(sensor, "lost"));
    }

    // Goal: the wall clock of an edge is when it was, not when it was read. Method: an edge 1.5 s old.
    [Fact]
    public void Input_EdgeReadLate_CarriesTheTimeItHappened()
    {
        ISensor sensor = _bench.Create("gpio-input", ("line", "GPIO17"));
        var emitted = new ConcurrentQueue<SensorReading>();
        ((IEmitsEdges)sensor).Emit = emitted.Enqueue;
        sensor.Open();
        Gpio.Drive("GPIO17", true, _bench.Hardware.MonotonicNs - 1_500_000_000);
        Until(() => emitted.Count == 1);
        Assert.Equal(1795413600123 - 1500, emitted.First().TimestampMs);
    }

    // Goal: edges that the ring had no room for are told. Method: more edges than the ring holds, before anybody reads.
    [Fact]
    public void Edges_RingOverflows_SequenceTellsHowMany()
    {
        using IGpioLines lines = Gpio.Open(new([new("", 0, "GPIO5")], "test") { RisingEdges = true, FallingEdges = true });
        for (int i = 0; i < 3000; i++) Gpio.Drive("GPIO5", i % 2 == 0);
        var sequence = new EdgeSequence();
        var edges = new GpioEdge[64];
        int got = 0;
        for (int read; (read = lines.ReadEdges(edges)) > 0; got += read) foreach (GpioEdge edge in edges.AsSpan(0, read)) sequence.Next(edge.LineSequence);
        Assert.Equal((GpioRequest.EventBuffer, 3000 - GpioRequest.EventBuffer, 3000), (got, sequence.Lost, sequence.Seen));
    }

    [Fact]
    public void Sequence_WrapsAround_LosesNothing()
    {
        var sequence = new EdgeSequence();
        sequence.Next(uint.MaxValue - 1);
        long before = sequence.Lost;
        Assert.Equal((0u, 0u, 2u), (sequence.Next(uint.MaxValue), sequence.Next(0), sequence.Next(3)));
        Assert.Equal(2, sequence.Lost - before);
    }

    // The count goes by the sequence, so what the ring lost is in it. Method: the edge loop is held up by another line's owner while the pulses come.
    [Fact]
    public void Counter_MorePulsesThanTheRingHolds_CountsThemAll()
    {
        ISensor sensor = _bench.Create("gpio-counter", ("line", "GPIO17"), ("pulsesperunit", "450"), ("unit", "l"));
        sensor.Open();
        using var held = new ManualResetEventSlim();
        using var release = new ManualResetEventSlim();
        using IGpioLines other = Gpio.Open(new([new("", 0, "GPIO5")], "other") { RisingEdges = true });
        using (_bench.Events.Add(other, () => { held.Set(); release.Wait(TimeSpan.FromSeconds(20)); other.ReadEdges(new GpioEdge[8]); }, static () => false))
        {
            Gpio.Drive("GPIO5", true);
            Assert.True(held.Wait(TimeSpan.FromSeconds(20)));
            for (int i = 0; i < 2 * 9000; i++) Gpio.Drive("GPIO17", i % 2 == 0);
            release.Set();
            Until(() => Value(sensor, "total") == 20);
        }
        Assert.Equal(9000 - GpioRequest.EventBuffer, Value(sensor, "overrun"));
    }

    [Fact]
    public void Counter_Pulses_GiveTotalCountAndRate()
    {
        ISensor sensor = _bench.Create("gpio-counter", ("line", "GPIO17"), ("pulsesperunit", "10"), ("unit", "l"), ("rate", "min"));
        sensor.Open();
        long now = _bench.Hardware.MonotonicNs;
        for (int i = 1; i <= 50; i++) // 25 pulses a second for 2 s
        {
            Gpio.Drive("GPIO17", true, now + (i * 40_000_000L));
            Gpio.Drive("GPIO17", false, now + (i * 40_000_000L) + 10_000_000);
        }
        _bench.Time.Advance(TimeSpan.FromSeconds(2));
        IReadOnlyList<SensorReading> readings = [];
        double pulses = 0, rate = 0;
        Until(() =>
        {
            readings = Bench.Read(sensor);
            if (Bench.Value(readings, "pulses") > 0) { pulses += Bench.Value(readings, "pulses"); rate = Bench.Value(readings, "rate"); }
            return Bench.Value(readings, "total") == 5;
        });
        Assert.Equal(50, pulses);
        Assert.Equal(150, rate, 1e-6); // 2.5 l/s
        Assert.Equal(("l", "l/min"), (readings.Single(static r => r.Metric == "total").Unit, readings.Single(static r => r.Metric == "rate").Unit));
        _bench.Time.Advance(TimeSpan.FromSeconds(10));
        Assert.InRange(Value(sensor, "rate"), 0.01, 0.7); // no pulse for 10 s: at most 0.1 l in 10 s
        _bench.Time.Advance(TimeSpan.FromSeconds(60));
        Assert.Equal(0, Value(sensor, "rate"));
    }

    [Fact]
    public void Counter_StateRestored_GoesOnFromIt()
    {
        ISensor sensor = _bench.Create("gpio-counter", ("line", "GPIO17"));
        var keeper = (IKeepsState)sensor;
        keeper.Restore("not a number");
        keeper.Restore("123456789012");
        sensor.Open();
        Gpio.Drive("GPIO17", true);
        Until(() => Value(sensor, "total") == 123456789013);
        Assert.Equal("123456789013", keeper.State);
        Assert.Equal(0, Value(sensor, "overrun"));
    }

    [Fact]
    public void Counter_Debounced_BouncesAreNotPulses()
    {
        ISensor sensor = _bench.Create("gpio-counter", ("line", "GPIO17"), ("debounce", "5ms"));
        sensor.Open();
        long at = _bench.Hardware.MonotonicNs;
        for (int pulse = 0; pulse < 20; pulse++)
        {
            for (int bounce = 0; bounce < 7; bounce++) Gpio.Drive("GPIO17", bounce % 2 == 0, at += 300_000);
            at += 20_000_000;
            for (int bounce = 0; bounce < 5; bounce++) Gpio.Drive("GPIO17", bounce % 2 == 1, at += 300_000);
            at += 20_000_000;
        }
        _bench.Time.Advance(TimeSpan.FromSeconds(2));
        Until(() => Value(sensor, "total") == 20);
        Thread.Sleep(50);
        Assert.Equal(20, Value(sensor, "total"));
        Assert.Equal(100, Value(sensor, "bounces"));
    }

    // Goal: whatever edges come, a debounced change is one that lasted. Method: random bounces against a slow, obvious reference; the seed is printed.
    [Fact]
    public void Debouncer_RandomEdges_EqualsTheReference()
    {
        int seed = Environment.TickCount;
        var random = new Random(seed);
        for (int round = 0; round < 200; round++)
        {
            const long stable = 1000;
            var debouncer = new Debouncer(stable);
            debouncer.Start(false);
            var edges = new List<(bool Level, long At)>();
            long at = 0;
            for (int i = 0; i < 60; i++) edges.Add((i % 2 == 0, at += random.Next(4) == 0 ? random.Next(900, 3000) : random.Next(1, 700)));
            var found = new List<(bool, long)>();
            foreach ((bool level, long time) in edges) if (debouncer.OnEdge(level, time, 0) is { } change) found.Add((change.Level, change.TimeNs));
            if (debouncer.OnTime(at + stable) is { } last) found.Add((last.Level, last.TimeNs));
            var expected = new List<(bool, long)>();
            bool held = false;
            for (int i = 0; i < edges.Count; i++)
            {
                long until = i + 1 < edges.Count ? edges[i + 1].At : at + stable;
                if (until - edges[i].At >= stable && edges[i].Level != held) { expected.Add(edges[i]); held = edges[i].Level; }
            }
            Assert.True(expected.SequenceEqual(found), $"seed {seed}, round {round}: expected {string.Join(" ", expected)}, found {string.Join(" ", found)}");
        }
    }

    [Fact]
    public void Quadrature_ForwardAndBack_CountsFourStepsAPeriodAndSeesTheImpossible()
    {
        ISensor sensor = _bench.Create("gpio-quadrature", ("a", "GPIO5"), ("b", "GPIO6"), ("stepsperunit", "4"), ("unit", "turn"));
        sensor.Open();
        int state = 0;
        void Step(int by)
        {
            state = (state + by + 4) % 4;
            Gpio.Drive("GPIO5", state is 1 or 2);
            Gpio.Drive("GPIO6", state is 2 or 3);
        }
        for (int i = 0; i < 400; i++) Step(1);
        for (int i = 0; i < 80; i++) Step(-1);
        Until(() => Value(sensor, "position") == 80);
        Assert.Equal((0, 0), (Value(sensor, "errors"), Value(sensor, "lost")));
        Assert.Equal("320", ((IKeepsState)sensor).State);
        Gpio.Glitch("GPIO5");
        Until(() => Value(sensor, "errors") == 1);
        Assert.Equal(80, Value(sensor, "position"));
    }

    [Fact]
    public void Frequency_KernelTimestamps_GiveItWhateverTheReadingIsLate()
    {
        ISensor sensor = _bench.Create("gpio-frequency", ("line", "GPIO17"), ("dutycycle", "true"));
        sensor.Open();
        long at = _bench.Hardware.MonotonicNs;
        for (int i = 0; i < 200; i++)
        {
            Gpio.Drive("GPIO17", true, at + (i * 4_000_000L));
            Gpio.Drive("GPIO17", false, at + (i * 4_000_000L) + 1_000_000);
        }
        _bench.Time.Advance(TimeSpan.FromSeconds(3));
        double hertz = 0, duty = 0;
        Until(() => { IReadOnlyList<SensorReading> r = Bench.Read(sensor); hertz = Math.Max(hertz, Bench.Value(r, "frequency")); duty = Bench.Value(r, "dutycycle"); return hertz > 249; });
        Assert.Equal(250, hertz, 0.01);
        Assert.InRange(duty, 0, 0.26);
        _bench.Time.Advance(TimeSpan.FromSeconds(20));
        Assert.Equal(0, Value(sensor, "frequency"));
    }

    [Theory]
    [InlineData("1", true)]
    [InlineData("on", true)]
    [InlineData("OFF", false)]
    [InlineData("false", false)]
    public void Output_Command_DrivesTheLine(string command, bool level)
    {
        var output = (OutputSensor)_bench.Create("gpio-output", ("line", "GPIO23"), ("default", level ? "0" : "1"));
        output.Open();
        Assert.NotEqual(level, Gpio.Level("GPIO23"));
        Assert.Equal(level ? 1 : 0, output.Apply(command));
        Assert.Equal(level, Gpio.Level("GPIO23"));
    }

    [Fact]
    public void Output_BadCommand_ChangesNothingAndSaysWhatIsOne()
    {
        var output = (OutputSensor)_bench.Create("gpio-output", ("line", "GPIO23"), ("default", "on"));
        output.Open();
        Assert.Contains("'maybe' is no command; use 1, 0", Assert.Throws<SensorException>(() => output.Apply("maybe")).Message, StringComparison.Ordinal);
        Assert.True(Gpio.Level("GPIO23"));
    }

    [Theory]
    [InlineData("0", false)]
    [InlineData("1", true)]
    [InlineData("keep", true)]
    public void Output_ServiceStops_TakesItsFailSafeLevel(string failSafe, bool level)
    {
        var output = (OutputSensor)_bench.Create("gpio-output", ("line", "GPIO23"), ("failsafe", failSafe));
        output.Open();
        output.Apply("1");
        output.Dispose();
        Assert.Equal(level, Gpio.Level("GPIO23"));
    }

    [Fact]
    public void Output_CommandsStayAway_TakesItsFailSafeLevelUntilTheNext()
    {
        var output = (OutputSensor)_bench.Create("gpio-output", ("line", "GPIO23"), ("commandtimeout", "30s"));
        output.Open();
        output.Apply("1");
        _bench.Time.Advance(TimeSpan.FromSeconds(29));
        Assert.Equal(1, Value(output, "level"));
        _bench.Time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal((0, 1), (Value(output, "level"), Value(output, "failsafes")));
        output.Apply("1");
        Assert.Equal(1, Value(output, "level"));
    }

    [Fact]
    public void Output_ActiveLow_IsHighWhenOff()
    {
        var output = (OutputSensor)_bench.Create("gpio-output", ("line", "GPIO23"), ("activelow", "true"));
        output.Open();
        Assert.True(Gpio.Level("GPIO23"));
        output.Apply("on");
        Assert.False(Gpio.Level("GPIO23"));
        output.Dispose();
        Assert.True(Gpio.Level("GPIO23"));
    }

    [Fact]
    public void Output_LineShorted_CommandIsRefused()
    {
        var output = (OutputSensor)_bench.Create("gpio-output", ("line", "GPIO23"));
        output.Open();
        Gpio.HeldFromOutside = static _ => false;
        Assert.Contains("does not follow", Assert.Throws<BusException>(() => output.Apply("1")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Pwm_Commands_SetTheDutyCycle()
    {
        var pwm = (PwmSensor)_bench.Create("pwm", ("channel", "1"), ("frequency", "25000"), ("default", "0.1"), ("failsafe", "0.25"));
        pwm.Open();
        SimulatedPwm channel = _bench.Hardware.Pwm[(0, 1)];
        Assert.Equal((25000, 0.1, true), (channel.Frequency, channel.DutyCycle, channel.IsRunning));
        Assert.Equal(0.4, pwm.Apply("40%"));
        Assert.Equal(0.4, channel.DutyCycle);
        Assert.Throws<SensorException>(() => pwm.Apply("1.5"));
        Assert.Throws<SensorException>(() => pwm.Apply("NaN"));
        pwm.Dispose();
        Assert.Equal(0.25, channel.DutyCycle);
    }

    [Fact]
    public void Open_LineInUse_SaysByWhom()
    {
        using IGpioLines other = Gpio.Open(new([new("", 0, "GPIO17")], "pigpio"));
        BusException error = Assert.Throws<BusException>(() => _bench.Create("gpio-input", ("line", "GPIO17")).Open());
        Assert.Equal((BusFault.InUse, "line GPIO17 is in use by 'pigpio'"), (error.Fault, error.Message));
    }

    [Theory]
    [InlineData("", "is missing; use GPIO17")]
    [InlineData("header pin 6", "is 'header pin 6', which is GND on a Raspberry Pi 4: no GPIO")]
    [InlineData("pin 41", "has pins 1 to 40")]
    [InlineData("GPIO44", "which is not on the header")]
    public void Create_WrongLine_SaysWhy(string line, string says) => Assert.Contains(says, Assert.Single(_bench.Problems("gpio-input", ("line", line))), StringComparison.Ordinal);

    [Fact]
    public void Create_LineUsedTwice_NamesTheOtherInWhateverSpelling()
    {
        _bench.Create("gpio-counter", ("line", "GPIO17"));
        Assert.Contains("'header pin 11', which sensor 'gpio-counter-0' uses already", Assert.Single(_bench.Problems("gpio-input", ("line", "header pin 11"))), StringComparison.Ordinal);
    }

    [Fact]
    public void Create_LineOfABusInUse_NamesTheBus()
    {
        _bench.Create("bme280");
        Assert.Contains("I2C bus 1 uses already", Assert.Single(_bench.Problems("gpio-input", ("line", "GPIO2"))), StringComparison.Ordinal);
        _bench.Create("gpio-input", ("line", "GPIO10"));
        Assert.Contains(_bench.Problems("mcp3008"), static p => p.Contains("SPI bus 0 needs GPIO10 (header pin 19)", StringComparison.Ordinal));
    }

    public void Dispose() => _bench.Dispose();

    private static double Value(ISensor sensor, string metric) => Bench.Value(Bench.Read(sensor), metric);

    private static void Until(Func<bool> condition)
    {
        for (long end = Environment.TickCount64 + 20_000; !condition(); Thread.Sleep(2)) Assert.True(Environment.TickCount64 < end, "not within 20 s");
    }
}
