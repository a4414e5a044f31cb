using Edge.Mqtt.Protocol;

namespace Edge.Mqtt.Tests.Protocol;

public sealed class VariableIntegerTests
{
    [Theory]
    [InlineData(0, 1)]
    [InlineData(127, 1)]
    [InlineData(128, 2)]
    [InlineData(16_383, 2)]
    [InlineData(16_384, 3)]
    [InlineData(2_097_151, 3)]
    [InlineData(2_097_152, 4)]
    [InlineData(VariableInteger.MaxValue, 4)]
    public void Write_EveryLength_ReadsBack(int value, int bytes)
    {
        Span<byte> buffer = stackalloc byte[4];
        Assert.Equal(bytes, VariableInteger.Write(buffer, value));
        Assert.Equal(bytes, VariableInteger.SizeOf(value));
        Assert.Equal(bytes, VariableInteger.Read(buffer, out int read));
        Assert.Equal(value, read);
    }

    [Fact]
    public void Read_CutShort_AsksForMore() => Assert.Equal(0, VariableInteger.Read([0x80, 0x80], out _));

    [Fact]
    public void Read_FiveBytes_IsRefused() => Assert.Equal(-1, VariableInteger.Read([0x80, 0x80, 0x80, 0x80, 0x01], out _));

    [Fact]
    public void Read_NotTheShortestForm_IsRefused() => Assert.Equal(-1, VariableInteger.Read([0x80, 0x00], out _));
}
