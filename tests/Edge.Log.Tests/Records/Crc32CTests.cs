using System.Text;
using Edge.Log.Records;

namespace Edge.Log.Tests.Records;

public sealed class Crc32CTests
{
    public static TheoryData<byte[], uint> Rfc3720Vectors => new()
    {
        { [], 0 },
        { Encoding.ASCII.GetBytes("123456789"), 0xE3069283 },
        { new byte[32], 0x8A9136AA },
        { [.. Enumerable.Repeat((byte)0xff, 32)], 0x62A8AB43 },
        { [.. Enumerable.Range(0, 32).Select(i => (byte)i)], 0x46DD794E },
        { [.. Enumerable.Range(0, 32).Select(i => (byte)(31 - i))], 0x113FDB5C },
    };

    [Theory, MemberData(nameof(Rfc3720Vectors))]
    public void Compute_PublishedVector_Matches(byte[] bytes, uint expected) => Assert.Equal(expected, Crc32C.Compute(bytes));

    // Goal: every length and alignment takes the same result as the definition. Method: bit by bit, exhaustive over small lengths.
    [Fact]
    public void Compute_EveryLengthAndStart_EqualsBitwiseDefinition()
    {
        byte[] bytes = new byte[80];
        new Random(1).NextBytes(bytes);
        for (int start = 0; start < 8; start++)
        {
            for (int length = 0; start + length <= bytes.Length; length++)
                Assert.Equal(Bitwise(bytes.AsSpan(start, length)), Crc32C.Compute(bytes.AsSpan(start, length)));
        }
    }

    [Fact]
    public void Compute_TwoSpans_EqualsJoined()
    {
        byte[] bytes = [.. Enumerable.Range(0, 65).Select(i => (byte)(i * 7))];
        for (int cut = 0; cut <= bytes.Length; cut++) Assert.Equal(Crc32C.Compute(bytes), Crc32C.Compute(bytes.AsSpan(0, cut), bytes.AsSpan(cut)));
    }

    private static uint Bitwise(ReadOnlySpan<byte> bytes)
    {
        uint crc = uint.MaxValue;
        foreach (byte b in bytes)
        {
            crc ^= b;
            for (int bit = 0; bit < 8; bit++) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0x82F63B78 : 0);
        }
        return ~crc;
    }
}
