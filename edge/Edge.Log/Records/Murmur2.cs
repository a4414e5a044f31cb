using System.Buffers.Binary;

namespace Edge.Log.Records;

/// <summary>Kafka's murmur2 (seed 0x9747b28c) and the partition it gives a key.</summary>
/// <remarks>Source: org.apache.kafka.common.utils.Utils.murmur2; test vectors of UtilsTest.testMurmur2 in the tests.</remarks>
public static class Murmur2
{
    public static int Hash(ReadOnlySpan<byte> key)
    {
        const uint m = 0x5bd1e995;
        uint h = 0x9747b28c ^ (uint)key.Length;
        while (key.Length >= 4)
        {
            uint k = BinaryPrimitives.ReadUInt32LittleEndian(key) * m;
            k ^= k >> 24;
            h = (h * m) ^ (k * m);
            key = key[4..];
        }
        if (key.Length >= 3) h ^= (uint)key[2] << 16;
        if (key.Length >= 2) h ^= (uint)key[1] << 8;
        if (key.Length >= 1) h = (h ^ key[0]) * m;
        h ^= h >> 13;
        h *= m;
        h ^= h >> 15;
        return (int)h;
    }

    /// <summary>Partition of a key, as Java's producer places it: <c>(murmur2(key) &amp; 0x7fffffff) % n</c>.</summary>
    public static int Partition(ReadOnlySpan<byte> key, int partitionCount) => (Hash(key) & 0x7fffffff) % partitionCount;
}
