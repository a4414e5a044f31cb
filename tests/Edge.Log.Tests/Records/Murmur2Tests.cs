using System.Text;
using Edge.Log.Records;

namespace Edge.Log.Tests.Records;

public sealed class Murmur2Tests
{
    // Source: org.apache.kafka.common.utils.UtilsTest.testMurmur2.
    [Theory]
    [InlineData("21", -973932308)]
    [InlineData("foobar", -790332482)]
    [InlineData("a-little-bit-long-string", -985981536)]
    [InlineData("a-little-bit-longer-string", -1486304829)]
    [InlineData("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971)]
    [InlineData("abc", 479470107)]
    public void Hash_VectorOfKafka_Matches(string key, int expected) => Assert.Equal(expected, Murmur2.Hash(Encoding.UTF8.GetBytes(key)));

    [Theory]
    [InlineData("21", 4)]
    [InlineData("foobar", 12)]
    [InlineData("", 3)]
    public void Partition_AnyKey_ClearsTheSignBitBeforeTheModulus(string key, int count)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(key);
        int expected = (int)((uint)(Murmur2.Hash(bytes) & 0x7fffffff) % (uint)count);
        Assert.Equal(expected, Murmur2.Partition(bytes, count));
        Assert.InRange(Murmur2.Partition(bytes, count), 0, count - 1);
    }

    [Fact]
    public void Partition_VectorsOfKafka_AreTheOnesJavaComputes()
    {
        // (-973932308 & 0x7fffffff) = 1173551340; (-790332482 & 0x7fffffff) = 1357151166; 479470107 is positive.
        Assert.Equal(1173551340 % 7, Murmur2.Partition("21"u8, 7));
        Assert.Equal(1357151166 % 7, Murmur2.Partition("foobar"u8, 7));
        Assert.Equal(479470107 % 7, Murmur2.Partition("abc"u8, 7));
    }
}
