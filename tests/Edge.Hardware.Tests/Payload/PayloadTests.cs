using System.Text;
using Edge.Hardware.Payload;
using Xunit;

namespace Edge.Hardware.Tests.Payload;

public sealed class PayloadTests
{
    // Vector: RFC 8949 appendix A for the pieces (23.5 = F9 4DE0 as half float, 1e3 and integers), RFC 8428 section 6 for the labels; put together by hand.
    [Fact]
    public void SenMlCbor_Reading_IsTheExpectedBytes()
    {
        byte[] bytes = SenMlCbor.Write("d/s/", new("t", 23.5, "Cel", SensorQuality.Good, 1795413600000));
        Assert.Equal("81" + "A5" + "21" + "64642F732F" + "00" + "6174" + "01" + "6343656C" + "02" + "F94DE0" + "06" + "1A6B03BE60", Convert.ToHexString(bytes));
    }

    [Theory]
    [InlineData(0, "00")]
    [InlineData(23, "17")]
    [InlineData(24, "1818")]
    [InlineData(1000, "1903E8")]
    [InlineData(-1, "20")]
    [InlineData(-1000, "3903E7")]
    [InlineData(1.5, "F93E00")]
    [InlineData(100000.5, "FA47C35040")]
    [InlineData(1.1, "FB3FF199999999999A")]
    [InlineData(-4.1, "FBC010666666666666")]
    [InlineData(1e300, "FB7E37E43C8800759C")]
    public void SenMlCbor_Numbers_TakeTheShortestFormOfRfc8949(double value, string hex)
    {
        string all = Convert.ToHexString(SenMlCbor.Write("d/s/", new("t", value, "Cel", SensorQuality.Good, 1000)));
        string before = "81A52164642F732F00617401" + "6343656C" + "02";
        Assert.StartsWith(before + hex + "06", all, StringComparison.Ordinal);
    }

    [Fact]
    public void PlainJson_Edge_CarriesKernelTimeAndSequence()
    {
        byte[] bytes = PlainJson.Write("edge-a", "door", new("edge", 1, "/", SensorQuality.Good, 1795413600123, null, new EdgeDetail(123456789012345, 42, 3)));
        Assert.Equal("""{"device":"edge-a","sensor":"door","metric":"edge","value":1,"unit":"/","quality":"good","time":1795413600123,"kernelTimeNs":123456789012345,"sequence":42,"lostBefore":3}""", Encoding.UTF8.GetString(bytes));
    }

    [Theory]
    [InlineData(SensorPayload.SenMl, "application/senml+json")]
    [InlineData(SensorPayload.Cbor, "application/senml+cbor")]
    [InlineData(SensorPayload.Json, "application/json")]
    public void Encoder_EachForm_NamesItsContentType(SensorPayload payload, string contentType) => Assert.Equal(contentType, Encoding.UTF8.GetString(ReadingEncoders.Of(payload).ContentType.Value!));
}
