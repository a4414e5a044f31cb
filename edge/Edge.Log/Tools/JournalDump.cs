using Edge.Log.Compression;
using Edge.Log.Records;
using Edge.Log.Segments;

namespace Edge.Log.Tools;

/// <summary>Hands out what a journal holds, in the order in which it was written. Damage is stepped over; <see cref="JournalVerifier"/> reports it.</summary>
public static class JournalDump
{
    /// <summary>One record; valid during the call.</summary>
    public delegate void RecordHandler(DumpPlace place, in RecordView record);

    /// <summary>Hands out every record that the filter wants.</summary>
    /// <returns>Records handed out.</returns>
    /// <exception cref="ArgumentException">The journal has no such topic or partition.</exception>
    public static long Run(OfflineJournal journal, DumpFilter filter, RecordHandler onRecord, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(journal);
        ArgumentNullException.ThrowIfNull(filter);
        ArgumentNullException.ThrowIfNull(onRecord);
        if (filter.Topic is { } topic) Require(journal, topic, filter.Partition);
        long left = filter.Limit;
        for (int i = 0; i < journal.Segments.Count && left > 0; i++)
        {
            Segment segment = journal.Segments[i];
            string file = Segment.NameOf(segment.BasePosition);
            SegmentWalk.Run(segment, OfflineJournal.MaxBatchBytes, journal.SequenceAfter(i), (in FrameHeader frame, int position, ReadOnlyMemory<byte> batch, in RecordBatchHeader header) =>
            {
                if (left <= 0 || header.LastOffset < filter.From) return;
                cancellationToken.ThrowIfCancellationRequested();
                PartitionName name = journal.NameOf(frame.PartitionId);
                if (!Wants(filter, name)) return;
                ReadOnlySpan<byte> records = batch.Span[RecordBatchHeader.HeaderBytes..];
                if (header.Codec != CompressionCodec.None)
                {
                    if (!BatchDecompressor.TryDecompress(header, records, BatchDecompressor.DefaultMaxBytes, out byte[] plain)) return;
                    records = plain;
                }
                var place = new DumpPlace(name, file, position, frame.IngestSequence, frame.Epoch, header.IsControl);
                var walk = new RecordEnumerator(header, records);
                while (left > 0 && walk.MoveNext())
                {
                    if (walk.Current.Offset < filter.From) continue;
                    RecordView record = walk.Current;
                    onRecord(place, record);
                    left--;
                }
            });
        }
        return filter.Limit - left;
    }

    /// <summary>Every segment with what it holds.</summary>
    public static IEnumerable<SegmentSummary> Segments(OfflineJournal journal)
    {
        ArgumentNullException.ThrowIfNull(journal);
        for (int i = 0; i < journal.Segments.Count; i++)
        {
            Segment segment = journal.Segments[i];
            long records = 0;
            var partitions = new HashSet<int>();
            SegmentWalk walk = SegmentWalk.Run(segment, OfflineJournal.MaxBatchBytes, journal.SequenceAfter(i), (in FrameHeader frame, int _, ReadOnlyMemory<byte> _, in RecordBatchHeader header) =>
            {
                records += header.RecordCount;
                partitions.Add(frame.PartitionId);
            });
            yield return new SegmentSummary(Segment.NameOf(segment.BasePosition), segment.BasePosition, walk.End, segment.Capacity, segment.Header.Epoch, segment.Header.FirstSequence, segment.Header.FirstIngestSequence,
                walk.Frames, records, partitions.Count, i + 1 == journal.Segments.Count, journal.Disk.Exists(Segment.IndexNameOf(segment.BasePosition)), walk.Damage.Count);
        }
    }

    internal static List<PartitionName> Require(OfflineJournal journal, string topic, int? partition)
    {
        List<PartitionName> all = [.. journal.Partitions.Where(n => n.Topic == topic)];
        if (all.Count == 0) throw new ArgumentException($"The journal has no topic '{topic}'. There are: {string.Join(", ", journal.Partitions.Select(static n => n.Topic).Distinct())}.");
        if (partition is not { } wanted) return all;
        List<PartitionName> one = all.FindAll(n => n.Partition == wanted);
        return one.Count > 0 ? one : throw new ArgumentException($"Topic '{topic}' has no partition {wanted}; it has 0 to {all.Count - 1}.");
    }

    private static bool Wants(DumpFilter filter, PartitionName name) =>
        filter.Topic is { } topic ? name.Topic == topic && !name.IsDeleted && (filter.Partition is not { } partition || name.Partition == partition) : filter.Internal || !name.IsInternal;
}
