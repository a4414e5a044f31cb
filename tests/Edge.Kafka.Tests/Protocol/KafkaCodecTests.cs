using Edge.Kafka.Protocol;
using Xunit;

namespace Edge.Kafka.Tests.Protocol;

public sealed class KafkaCodecTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void ReadAndWrite_EveryPrimitive_RoundTrip(bool flexible)
    {
        var id = Guid.NewGuid();
        using var writer = new KafkaWriter { Flexible = flexible };
        writer.WriteInt8(-5);
        writer.WriteBool(true);
        writer.WriteInt16(-300);
        writer.WriteInt32(int.MinValue);
        writer.WriteInt64(long.MaxValue);
        writer.WriteUuid(id);
        writer.WriteString("häuser");
        writer.WriteNullableString(null);
        writer.WriteBytes([1, 2, 3]);
        writer.WriteInt32Array([7, 8]);
        writer.WriteArrayLength(-1);
        writer.WriteTags();
        var reader = new KafkaReader(writer.Written.Span, flexible);
        Assert.Equal(-5, reader.ReadInt8());
        Assert.True(reader.ReadBool());
        Assert.Equal(-300, reader.ReadInt16());
        Assert.Equal(int.MinValue, reader.ReadInt32());
        Assert.Equal(long.MaxValue, reader.ReadInt64());
        Assert.Equal(id, reader.ReadUuid());
        Assert.Equal("häuser", reader.ReadString());
        Assert.Null(reader.ReadNullableString());
        Assert.Equal([1, 2, 3], reader.ReadBytes());
        Assert.Equal([7, 8], reader.ReadInt32Array());
        Assert.Equal(-1, reader.ReadNullableArrayLength(1));
        reader.SkipTags();
        Assert.Equal(0, reader.BytesLeft);
    }

    // Goal: a field whose length is patched afterwards is right whatever was guessed. Method: lengths and guesses around the limits of 1, 2 and 3 length bytes.
    [Fact]
    public void EndBytes_AnyGuess_WritesTheFieldAsIfItsLengthHadBeenKnown()
    {
        int[] sizes = [0, 1, 126, 127, 128, 16382, 16383, 16384, 70_000];
        foreach (bool flexible in new[] { false, true })
        {
            foreach (int size in sizes)
            {
                foreach (int guess in sizes)
                {
                    byte[] value = new byte[size];
                    new Random(size).NextBytes(value);
                    using KafkaWriter patched = new() { Flexible = flexible }, direct = new() { Flexible = flexible };
                    patched.WriteInt32(42);
                    int start = patched.BeginBytes(guess);
                    value.CopyTo(patched.GetSpan(size));
                    patched.Advance(size);
                    patched.EndBytes(start, guess);
                    patched.WriteInt16(7);
                    direct.WriteInt32(42);
                    direct.WriteBytes(value);
                    direct.WriteInt16(7);
                    Assert.True(direct.Written.Span.SequenceEqual(patched.Written.Span), $"flexible {flexible}, size {size}, guess {guess}");
                }
            }
        }
    }

    [Theory]
    [InlineData("7FFF", false)]         // a string of 32767 bytes, none there
    [InlineData("FFFE", false)]         // length -2
    [InlineData("FFFF", false)]         // null where a string must be
    [InlineData("0002C328", false)]     // not UTF-8
    [InlineData("00", true)]            // compact null
    [InlineData("FFFFFFFF0F", true)]    // compact length of 4 GiB
    [InlineData("FFFFFFFFFF01", true)]  // number longer than 32 bits
    [InlineData("FFFFFFFF1F", true)]    // fifth byte with bits above 32
    public void ReadString_Malformed_ThrowsTheProtocolException(string hex, bool flexible)
    {
        byte[] bytes = Convert.FromHexString(hex);
        Assert.Throws<KafkaProtocolException>(() =>
        {
            var reader = new KafkaReader(bytes, flexible);
            reader.ReadString();
        });
    }

    [Theory]
    [InlineData("7FFFFFFF", false)]
    [InlineData("FFFFFFFE", false)]
    [InlineData("80000000", false)]
    [InlineData("FFFFFFFF0F", true)]
    public void ReadArrayLength_Impossible_ThrowsTheProtocolException(string hex, bool flexible)
    {
        byte[] bytes = Convert.FromHexString(hex);
        Assert.Throws<KafkaProtocolException>(() =>
        {
            var reader = new KafkaReader(bytes, flexible);
            reader.ReadArrayLength(1);
        });
    }

    [Fact]
    public void ReadArrayLength_TooManyElementsInAll_ThrowsTheProtocolException()
    {
        byte[] bytes = new byte[KafkaReader.MaxElements * 2 + 8];
        bytes[1] = 1; // 65536 elements of one byte, then as many again
        bytes[4 + 65536 + 1] = 1;
        Assert.Throws<KafkaProtocolException>(() =>
        {
            var reader = new KafkaReader(bytes);
            for (int array = 0; array < 2; array++)
            {
                int count = reader.ReadArrayLength(1);
                for (int i = 0; i < count; i++) reader.ReadInt8();
            }
        });
    }

    // Bytes as librdkafka 2.0.2 (Debian's kcat) sends them first on every connection.
    [Fact]
    public void RequestHeader_GoldenApiVersionsRequest_IsRead()
    {
        byte[] frame = Convert.FromHexString("00120003000000010007" + "72646B61666B61" + "00" + "0B6C696272646B61666B61" + "06322E302E32" + "00");
        var reader = new KafkaReader(frame);
        RequestHeader header = RequestHeader.Read(ref reader, (key, version) => key == 18 && version >= 3);
        Assert.Equal(new RequestHeader(18, 3, 1, "rdkafka"), header);
        Assert.Equal("librdkafka", reader.ReadString());
        Assert.Equal("2.0.2", reader.ReadString());
        reader.SkipTags();
        Assert.Equal(0, reader.BytesLeft);
    }
}
