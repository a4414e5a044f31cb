using System.Buffers;
using Edge.Log.Records;
using Edge.Log.Topics;

namespace Edge.Log.Tests.Tools;

/// <summary>What an opened journal serves of what was acknowledged.</summary>
internal static class Served
{
    /// <summary>Batches that are not served; wrong bytes throw.</summary>
    public static List<(string Topic, int Partition, long From, long To)> Missing(Journal journal, ToolJournal made)
    {
        List<(string, int, long, long)> missing = [];
        var buffer = new ArrayBufferWriter<byte>();
        foreach ((string topic, int partition, long baseOffset, byte[] bytes) in made.Batches)
        {
            buffer.ResetWrittenCount();
            bool found = journal.Topics.TryGet(topic, out Topic there) && baseOffset >= there.Partitions[partition].LogStartOffset && baseOffset < there.Partitions[partition].HighWatermark
                && there.Partitions[partition].Read(baseOffset, 1, true, buffer) is { Status: ReadStatus.Ok, Bytes: > 0 };
            RecordBatchHeader header = RecordBatchHeader.Parse(bytes);
            if (found && RecordBatchHeader.Parse(buffer.WrittenSpan).BaseOffset == baseOffset)
            {
                Assert.True(buffer.WrittenSpan[RecordBatchHeader.MagicAt..header.SizeBytes].SequenceEqual(bytes.AsSpan(RecordBatchHeader.MagicAt)), $"{topic}-{partition}@{baseOffset} has other bytes");
                continue;
            }
            missing.Add((topic, partition, baseOffset, baseOffset + header.LastOffsetDelta));
        }
        return missing;
    }
}
