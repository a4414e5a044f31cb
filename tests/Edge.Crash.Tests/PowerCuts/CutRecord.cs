using System.Buffers.Binary;
using Edge.Log.Records;

namespace Edge.Crash.Tests.PowerCuts;

/// <summary>Batches whose bytes follow from seed, cycle, partition and number: the reader knows what must be there without having been told.</summary>
internal static class CutRecord
{
    public const string Topic = "cuts";
    public const int Partitions = 3;

    /// <summary>The batch of that number; its first record's value begins with what identifies it.</summary>
    public static byte[] Batch(int seed, int cycle, int partition, int number)
    {
        var random = new Random(unchecked((seed * 486_187_739) ^ (cycle * 16_777_619) ^ (partition * 1_000_003) ^ (number * 8191)));
        using var builder = new RecordBatchBuilder();
        int records = random.Next(1, 12);
        for (int i = 0; i < records; i++)
        {
            byte[] value = new byte[16 + random.Next(random.Next(8) == 0 ? 6000 : 300)];
            random.NextBytes(value);
            BinaryPrimitives.WriteInt32BigEndian(value, cycle);
            BinaryPrimitives.WriteInt32BigEndian(value.AsSpan(4), number);
            builder.Add(1_790_000_000_000 + number, true, "k"u8, true, value, 0, []);
        }
        return builder.Seal().ToArray();
    }
}
