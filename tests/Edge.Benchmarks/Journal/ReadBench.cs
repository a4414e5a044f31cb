using System.Buffers;
using System.Diagnostics;
using Edge.Ingest;
using Edge.Log.Records;
using Edge.Log.Topics;

namespace Edge.Benchmarks.Journal;

/// <summary>One partition of many read from its beginning to its end as a Kafka fetch does it, warm.</summary>
internal sealed class ReadBench
{
    private const int FetchBytes = 1 << 20;
    private readonly IReadOnlyList<Partition> _partitions;

    /// <param name="perCommit">Records of each partition that lie together.</param>
    public ReadBench(OpenJournal log, int partitions, int recordsEach, int perCommit, int recordBytes)
    {
        _partitions = log.Partitions($"read-{Guid.NewGuid():N}", partitions);
        byte[] value = new byte[recordBytes];
        Random.Shared.NextBytes(value);
        for (int done = 0; done < recordsEach;)
        {
            bool isBusy = false;
            using (Gather gather = log.Ingest.EnterGather())
            {
                foreach (Partition partition in _partitions)
                    for (int i = 0; i < perCommit; i++) isBusy |= gather.TryAdd(partition, 1_790_000_000_000, hasKey: false, [], hasValue: true, value, headerCount: 0, []) != IngestStatus.Ok;
            }
            if (!isBusy) done += perCommit;
            // Each round is a group of its own, so that batches have the size that was asked for.
            while (log.Ingest.InFlightBytes > 0) Thread.Yield();
        }
    }

    /// <summary>Records of one partition a second.</summary>
    public double Run()
    {
        Partition partition = _partitions[_partitions.Count / 2];
        var buffer = new ArrayBufferWriter<byte>(2 * FetchBytes);
        long records = 0, began = Stopwatch.GetTimestamp();
        for (long offset = partition.LogStartOffset; offset < partition.HighWatermark;)
        {
            buffer.ResetWrittenCount();
            ReadResult read = partition.Read(offset, FetchBytes, true, buffer);
            if (read.Status != ReadStatus.Ok || read.Bytes == 0) throw new InvalidOperationException($"Reading at {offset} gave {read}");
            offset = read.NextOffset;
            for (ReadOnlySpan<byte> left = buffer.WrittenSpan; left.Length > 0;)
            {
                RecordBatchHeader header = RecordBatchHeader.Parse(left);
                records += header.RecordCount;
                left = left[header.SizeBytes..];
            }
        }
        return records / Stopwatch.GetElapsedTime(began).TotalSeconds;
    }
}
