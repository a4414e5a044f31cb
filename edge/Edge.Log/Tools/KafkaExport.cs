using System.Text;
using Edge.Log.Compression;
using Edge.Log.Records;
using Edge.Log.Segments;
using Edge.Log.State;
using Edge.Log.Storage;

namespace Edge.Log.Tools;

/// <summary>Writes partitions as Kafka segment files which Apache Kafka's own tools read. The batches are copied byte for byte.</summary>
public static class KafkaExport
{
    /// <summary>Kafka's default of log.segment.bytes.</summary>
    public const long DefaultSegmentBytes = 1L << 30;

    /// <summary>Exports a topic, or one partition of it.</summary>
    /// <param name="openDirectory">Opens, and makes, the folder of that name in the target.</param>
    /// <exception cref="ArgumentException">The journal has no such topic or partition.</exception>
    /// <exception cref="DiskException">The target cannot be written, or has such files already: nothing is overwritten.</exception>
    public static IReadOnlyList<ExportedPartition> Run(OfflineJournal journal, string topic, int? partition, Func<string, IDisk> openDirectory, long segmentBytes = DefaultSegmentBytes, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(journal);
        ArgumentNullException.ThrowIfNull(openDirectory);
        var targets = new Dictionary<int, Target>();
        try
        {
            foreach (PartitionName name in JournalDump.Require(journal, topic, partition))
            {
                long start = journal.Snapshot?.Partitions.TryGetValue(name.Id, out PartitionState? state) == true ? state!.StartOffset : 0;
                string directory = $"{name.Topic}-{name.Partition}";
                targets.Add(name.Id, new Target(name, directory, start, openDirectory(directory), segmentBytes));
            }
            for (int i = 0; i < journal.Segments.Count; i++)
            {
                SegmentWalk.Run(journal.Segments[i], OfflineJournal.MaxBatchBytes, journal.SequenceAfter(i), (in FrameHeader frame, int _, ReadOnlyMemory<byte> batch, in RecordBatchHeader header) =>
                {
                    if (!targets.TryGetValue(frame.PartitionId, out Target? target) || header.LastOffset < target.Start) return;
                    cancellationToken.ThrowIfCancellationRequested();
                    target.Append(batch.Span, header);
                });
            }
            return [.. targets.Values.Select(static t => t.End())];
        }
        finally
        {
            foreach (Target target in targets.Values) target.Writer.Dispose();
        }
    }

    /// <summary>Largest timestamp of the records. False when they cannot be walked.</summary>
    private static bool TryMaxTimestamp(ReadOnlySpan<byte> batch, in RecordBatchHeader header, out long maxTimestampMs)
    {
        maxTimestampMs = header.MaxTimestampMs;
        ReadOnlySpan<byte> records = batch[RecordBatchHeader.HeaderBytes..];
        if (header.Codec != CompressionCodec.None)
        {
            if (!BatchDecompressor.TryDecompress(header, records, BatchDecompressor.DefaultMaxBytes, out byte[] plain)) return false;
            records = plain;
        }
        var walk = new RecordEnumerator(header, records);
        long largest = long.MinValue, count = 0;
        while (walk.MoveNext())
        {
            largest = Math.Max(largest, walk.Current.TimestampMs);
            count++;
        }
        if (walk.IsMalformed || count != header.RecordCount || walk.BytesLeft > 0) return false;
        if (count > 0) maxTimestampMs = largest;
        return true;
    }

    private sealed class Target(PartitionName name, string directory, long start, IDisk disk, long segmentBytes)
    {
        private readonly List<(int Epoch, long Start)> _epochs = [];
        private long _first = -1, _records, _left;

        public long Start => start;
        public KafkaSegmentWriter Writer { get; } = new(disk, segmentBytes);

        public void Append(ReadOnlySpan<byte> batch, in RecordBatchHeader header)
        {
            if (!TryMaxTimestamp(batch, header, out long maxTimestampMs))
            {
                _left++;
                return;
            }
            if (_first < 0) _first = header.BaseOffset;
            if (_epochs.Count == 0 || _epochs[^1].Epoch < header.PartitionLeaderEpoch) _epochs.Add((header.PartitionLeaderEpoch, header.BaseOffset));
            Writer.Append(batch, header, maxTimestampMs);
            _records += header.RecordCount;
        }

        public ExportedPartition End()
        {
            Writer.Close();
            // So that a broker takes the folder as it is: its topic id, and which leader epoch began where.
            if (name.TopicId != Guid.Empty) Write("partition.metadata", $"version: 0\ntopic_id: {Base64Url(name.TopicId)}\n");
            Write("leader-epoch-checkpoint", $"0\n{_epochs.Count}\n{string.Concat(_epochs.Select(static e => $"{e.Epoch} {e.Start}\n"))}");
            disk.SyncDirectory();
            return new ExportedPartition(name.Topic, name.Partition, directory, _first, Math.Max(0, Writer.NextOffset), _records, Writer.Batches, Writer.Bytes, Writer.Segments, _left);
        }

        private void Write(string file, string text)
        {
            using IDiskFile written = disk.Open(file, DiskOpenMode.CreateNew);
            written.Write(0, Encoding.ASCII.GetBytes(text));
            written.Sync();
        }

        private static string Base64Url(Guid id) => Convert.ToBase64String(id.ToByteArray(bigEndian: true)).TrimEnd('=').Replace('+', '-').Replace('/', '_');
    }
}
