using Edge.Host.Configuration;
using Xunit;

namespace Edge.Host.Tests.Configuration;

public sealed class ConfigTextTests
{
    [Theory]
    [InlineData("0", 0)]
    [InlineData("1048576", 1048576)]
    [InlineData("500kB", 500_000)]
    [InlineData("500KB", 500_000)]
    [InlineData("64MiB", 64 << 20)]
    [InlineData("64 mib", 64 << 20)]
    [InlineData("1.5KiB", 1536)]
    [InlineData("2GB", 2_000_000_000)]
    [InlineData("12B", 12)]
    public void TryParseSize_KnownForm_IsBytes(string text, long bytes)
    {
        Assert.True(ConfigText.TryParseSize(text, out long parsed));
        Assert.Equal(bytes, parsed);
    }

    [Theory]
    [InlineData("")]
    [InlineData("-1")]
    [InlineData("1ZB")]
    [InlineData("MiB")]
    [InlineData("1 2")]
    [InlineData("0.3B")]
    [InlineData("99999999999999999999")]
    [InlineData("9999999999TiB")]
    [InlineData("1e3")]
    public void TryParseSize_AnythingElse_IsRefused(string text) => Assert.False(ConfigText.TryParseSize(text, out _));

    [Theory]
    [InlineData("250ms", 250)]
    [InlineData("10s", 10_000)]
    [InlineData("1.5s", 1_500)]
    [InlineData("5min", 300_000)]
    [InlineData("2h", 7_200_000)]
    [InlineData("7d", 604_800_000)]
    [InlineData("0", 0)]
    [InlineData("PT90S", 90_000)]
    [InlineData("P1DT1H", 90_000_000)]
    public void TryParseDuration_KnownForm_IsTime(string text, long milliseconds)
    {
        Assert.True(ConfigText.TryParseDuration(text, out TimeSpan parsed));
        Assert.Equal(milliseconds, parsed.TotalMilliseconds);
    }

    [Theory]
    [InlineData("")]
    [InlineData("10")]
    [InlineData("-5s")]
    [InlineData("5 parsec")]
    [InlineData("-PT5S")]
    [InlineData("PT")]
    [InlineData("99999999999d")]
    [InlineData("1m")]
    public void TryParseDuration_AnythingElse_IsRefused(string text) => Assert.False(ConfigText.TryParseDuration(text, out _));

    // Goal: what is shown can be typed. Method: random values, printed and parsed.
    [Fact]
    public void Text_OfAnyValue_ParsesToIt()
    {
        int seed = Environment.TickCount;
        var random = new Random(seed);
        for (int i = 0; i < 2000; i++)
        {
            long bytes = random.NextInt64(0, 1L << random.Next(1, 50));
            TimeSpan time = TimeSpan.FromMilliseconds(random.NextInt64(0, 1L << random.Next(1, 40)));
            Assert.True(ConfigText.TryParseSize(ConfigText.Size(bytes), out long parsedBytes) && parsedBytes == bytes, $"seed {seed}: {bytes}");
            Assert.True(ConfigText.TryParseDuration(ConfigText.Duration(time), out TimeSpan parsedTime) && parsedTime == time, $"seed {seed}: {time}");
        }
    }
}
