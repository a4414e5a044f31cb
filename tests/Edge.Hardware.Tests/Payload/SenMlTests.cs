using System.Text;
using System.Text.Json;
using Edge.Hardware.Payload;
using Xunit;

namespace Edge.Hardware.Tests.Payload;

public sealed class SenMlTests
{
    [Fact]
    public void Write_Reading_IsAPackOfOneRecordWithTimeInSeconds()
    {
        byte[] bytes = SenMl.Write(SenMl.BaseName("edge-k3x9", "host"), new("cpu/temperature", 48.312, "Cel", SensorQuality.Good, 1795413600123));
        Assert.Equal("""[{"bn":"edge-k3x9/host/","n":"cpu/temperature","u":"Cel","v":48.312,"t":1795413600.123}]""", Encoding.UTF8.GetString(bytes));
    }

    [Theory]
    [InlineData(98765432109.0, "98765432109")]
    [InlineData(0.1, "0.1")]
    [InlineData(-5.25, "-5.25")]
    [InlineData(1e21, "1E+21")]
    public void Write_Value_IsTheShortestNumberThatReadsBackTheSame(double value, string expected)
    {
        byte[] bytes = SenMl.Write("b/", new("m", value, "B", SensorQuality.Good, 1000));
        using JsonDocument json = JsonDocument.Parse(bytes);
        Assert.Equal(value, json.RootElement[0].GetProperty("v").GetDouble());
        Assert.Equal(expected, json.RootElement[0].GetProperty("v").GetRawText());
    }

    [Theory]
    [InlineData("a b/\u00fc", "a_b/_")]
    [InlineData("_x", "x_x")]
    [InlineData("", "x")]
    [InlineData("Aa0-:./_", "Aa0-:./_")]
    public void Name_CharactersTheRfcForbids_AreReplaced(string text, string expected) => Assert.Equal(expected, SenMl.Name(text));
}
