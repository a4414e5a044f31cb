using Edge.Hardware.Sampling;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Edge.Hardware.Tests.Sampling;

public sealed class ReadingShaperTests
{
    private readonly FakeTimeProvider _time = new();

    [Theory]
    [InlineData(SampleCombination.Mean, 28.0)]
    [InlineData(SampleCombination.Median, 22.0)]
    public void Shape_SamplesWithAnOutlierAndABadOne_CombinesTheGood(SampleCombination combine, double expected)
    {
        var shaper = new ReadingShaper(new SensorOptions { Combine = combine, Oversample = 6 }, _time);
        SensorReading reading = Assert.Single(shaper.Shape([Sample(20), Sample(22), Sample(21), Sample(23), Sample(54), [new("t", -300, "Cel", SensorQuality.OutOfRange, 1, "bad")]]));
        Assert.Equal((expected, SensorQuality.Good), (reading.Value, reading.Quality));
    }

    [Fact]
    public void Shape_EvenNumberOfSamples_MedianIsBetweenTheMiddleTwo()
    {
        var shaper = new ReadingShaper(new SensorOptions { Combine = SampleCombination.Median }, _time);
        Assert.Equal(21.5, shaper.Shape([Sample(40), Sample(21), Sample(20), Sample(22)])[0].Value);
    }

    [Theory]
    [InlineData("offset -0.4", 20, 19.6)]
    [InlineData("gain 2", 20, 40)]
    [InlineData("gain 1.02, offset -0.4", 20, 20)]
    [InlineData("OFFSET 1 GAIN 2", 20, 41)]
    [InlineData("table 0=1 10=11 20=31", 5, 6)]
    [InlineData("table 0=1 10=11 20=31", 15, 21)]
    [InlineData("table 0=1 10=11 20=31", 30, 51)]
    [InlineData("table 0=1 10=11 20=31", -10, -9)]
    public void Calibration_Text_Corrects(string text, double read, double truth) => Assert.Equal(truth, Calibration.TryParse(text)!.Apply(read), 1e-9);

    [Theory]
    [InlineData("")]
    [InlineData("gain")]
    [InlineData("gain 0")]
    [InlineData("gain x")]
    [InlineData("gain 1 gain 2")]
    [InlineData("slope 2")]
    [InlineData("table 0=1")]
    [InlineData("table 0=1 0=2")]
    [InlineData("table 5=1 0=2")]
    [InlineData("table a=b c=d")]
    [InlineData("offset NaN")]
    public void Calibration_BadText_IsRefused(string text) => Assert.Null(Calibration.TryParse(text));

    [Theory]
    [InlineData(25, "Cel", "degF", 77)]
    [InlineData(-40, "Cel", "degF", -40)]
    [InlineData(25, "Cel", "K", 298.15)]
    [InlineData(212, "degF", "Cel", 100)]
    [InlineData(101325, "Pa", "hPa", 1013.25)]
    [InlineData(10, "m/s", "km/h", 36)]
    [InlineData(1, "m/s", "kn", 1.9438444924)]
    [InlineData(3.6, "kWh", "J", 12_960_000)]
    [InlineData(0.5, "m3/h", "l/min", 8.3333333333)]
    [InlineData(0.25, "/", "%", 25)]
    public void Units_OfOneQuantity_Convert(double value, string from, string to, double expected)
    {
        Assert.True(UnitConversion.TryConvert(value, from, to, out double converted));
        Assert.Equal(expected, converted, 1e-6);
    }

    [Fact]
    public void Shape_CalibrationThenUnitThenRange_InThatOrder()
    {
        var options = new SensorOptions { Calibration = { ["t"] = "offset 5" }, Units = { ["*"] = "degF" }, Range = { ["t"] = "32..70" } };
        SensorReading reading = new ReadingShaper(options, _time).Shape([Sample(20)])[0];
        Assert.Equal((77.0, "degF", SensorQuality.OutOfRange, "t is 77 degF; 32 to 70 is possible"), (Math.Round(reading.Value, 9), reading.Unit, reading.Quality, reading.Error));
    }

    [Fact]
    public void Shape_UnitOfAnotherQuantity_IsAFaultByNameAndIgnoredByStar()
    {
        Assert.Equal(SensorQuality.Fault, new ReadingShaper(new SensorOptions { Units = { ["t"] = "V" } }, _time).Shape([Sample(20)])[0].Quality);
        Assert.Equal("Cel", new ReadingShaper(new SensorOptions { Units = { ["*"] = "V" } }, _time).Shape([Sample(20)])[0].Unit);
    }

    [Fact]
    public void Choose_WithinTheDeadband_PublishesOnlyChangesAndTheHeartbeat()
    {
        var shaper = new ReadingShaper(new SensorOptions { Deadband = { ["t"] = "0.5" }, Heartbeat = TimeSpan.FromMinutes(1) }, _time);
        Assert.Equal([20, 20.6, 20.1, 20.1], Published(20, 20.4, 20.49, 20.6, 20.2, 20.1, 20.3, 20.2, 20.1, 20.1));
        Assert.Equal(6, shaper.Suppressed);

        List<double> Published(params double[] values)
        {
            var published = new List<double>();
            foreach (double value in values)
            {
                published.AddRange(shaper.Choose(Sample(value)).Select(static r => r.Value));
                _time.Advance(TimeSpan.FromSeconds(published.Count == 3 ? 15 : 1));
            }
            return published;
        }
    }

    [Fact]
    public void Choose_QualityChanges_PublishesThoughTheValueDoesNot()
    {
        var shaper = new ReadingShaper(new SensorOptions { Deadband = { ["*"] = "10%" } }, _time);
        Assert.Single(shaper.Choose(Sample(20)));
        Assert.Empty(shaper.Choose(Sample(21.9)));
        Assert.Single(shaper.Choose([new("t", 20, "Cel", SensorQuality.Stale, 1)]));
        Assert.Single(shaper.Choose(Sample(20)));
        Assert.Single(shaper.Choose(Sample(22)));
    }

    [Theory]
    [InlineData("0.5", 0.5, false)]
    [InlineData("2%", 2, true)]
    [InlineData("0", 0, false)]
    public void Deadband_Text_Parses(string text, double amount, bool isPercent) => Assert.Equal(new Deadband(amount, isPercent), Deadband.TryParse(text));

    [Theory]
    [InlineData("-1")]
    [InlineData("0%")]
    [InlineData("101%")]
    [InlineData("x")]
    public void Deadband_BadText_IsRefused(string text) => Assert.Null(Deadband.TryParse(text));

    [Fact]
    public void Validate_BadShaping_NamesEach()
    {
        IReadOnlyList<string> problems = SensorOptionsValidator.Validate(
        [
            new()
            {
                Jitter = TimeSpan.FromSeconds(1), Oversample = 65, Retries = 11, Heartbeat = TimeSpan.Zero,
                Deadband = { ["a"] = "-1" }, Calibration = { ["b"] = "slope" }, Units = { ["c"] = "furlong" }, Range = { ["d"] = "5..1" },
            },
        ]);
        string[] starts = ["Sensors:0:jitter", "Sensors:0:oversample is 65", "Sensors:0:retries is 11", "Sensors:0:heartbeat", "Sensors:0:deadband:a is '-1'", "Sensors:0:calibration:b is 'slope'", "Sensors:0:units:c is 'furlong'", "Sensors:0:range:d is '5..1'"];
        Assert.Equal(starts.Length, problems.Count);
        Assert.All(starts.Zip(problems), static p => Assert.StartsWith(p.First, p.Second, StringComparison.Ordinal));
    }

    private static SensorReading[] Sample(double value) => [new("t", value, "Cel", SensorQuality.Good, 1)];
}
