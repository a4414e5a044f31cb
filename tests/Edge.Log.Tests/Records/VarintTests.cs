using CsCheck;
using Edge.Log.Records;

namespace Edge.Log.Tests.Records;

public sealed class VarintTests
{
    [Theory]
    [InlineData(0L, "00")]
    [InlineData(-1L, "01")]
    [InlineData(1L, "02")]
    [InlineData(63L, "7E")]
    [InlineData(-64L, "7F")]
    [InlineData(64L, "8001")]
    [InlineData(300L, "D804")]
    [InlineData((long)int.MaxValue, "FEFFFFFF0F")]
    [InlineData((long)int.MinValue, "FFFFFFFF0F")]
    [InlineData(long.MaxValue, "FEFFFFFFFFFFFFFFFF01")]
    [InlineData(long.MinValue, "FFFFFFFFFFFFFFFFFF01")]
    public void Write_KnownValue_GivesProtobufZigZagBytes(long value, string expected)
    {
        byte[] bytes = new byte[Varint.MaxLongBytes];
        int written = Varint.Write(bytes, value);
        Assert.Equal(expected, Convert.ToHexString(bytes.AsSpan(0, written)));
        Assert.Equal(written, Varint.SizeOf(value));
    }

    // Goal: all edges of the coding. Method: every power of two, its neighbours and their negatives, read back and cut at every byte.
    [Fact]
    public void TryRead_EveryPowerOfTwoAndNeighbours_RoundTripsAndRefusesEveryCut()
    {
        for (int bit = 0; bit < 64; bit++)
        {
            foreach (long delta in (long[])[-2, -1, 0, 1, 2])
            {
                RoundTrip(unchecked((1L << bit) + delta));
                RoundTrip(unchecked(-(1L << bit) + delta));
            }
        }
    }

    [Fact]
    public void TryRead_AnyLong_RoundTrips() => Gen.Long.Sample(RoundTrip, iter: 20_000);

    [Fact]
    public void TryRead_AnyBytes_StaysInsideAndNeverThrows() => Gen.Byte.Array[0, 14].Sample(bytes =>
    {
        int read = Varint.TryRead(bytes, out long value);
        Assert.InRange(read, 0, Math.Min(bytes.Length, Varint.MaxLongBytes));
        if (read == 0) Assert.Equal(0, value);
        else Assert.True((bytes[read - 1] & 0x80) == 0 && bytes.AsSpan(0, read - 1).IndexOfAnyInRange((byte)0, (byte)0x7f) < 0);
    }, iter: 50_000);

    [Fact]
    public void TryRead_MoreThan64Bits_IsRefused()
    {
        Assert.Equal(0, Varint.TryRead(Convert.FromHexString("FFFFFFFFFFFFFFFFFF02"), out _));
        Assert.Equal(0, Varint.TryRead(Convert.FromHexString("FFFFFFFFFFFFFFFFFFFF00"), out _));
        Assert.Equal(0, Varint.TryRead([], out _));
    }

    private static void RoundTrip(long value)
    {
        Span<byte> bytes = stackalloc byte[Varint.MaxLongBytes];
        int written = Varint.Write(bytes, value);
        Assert.Equal(Varint.SizeOf(value), written);
        Assert.Equal(written, Varint.TryRead(bytes, out long back));
        Assert.Equal(value, back);
        for (int cut = 0; cut < written; cut++) Assert.Equal(0, Varint.TryRead(bytes[..cut], out _));
    }
}
