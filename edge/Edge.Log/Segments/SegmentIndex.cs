using Edge.Log.Records;

namespace Edge.Log.Segments;

/// <summary>The sparse index of the active segment, in memory; becomes the sidecar file when the segment is sealed.</summary>
/// <remarks>Derived from the frames and rebuilt by reading them. One writer; lookups lock.</remarks>
internal sealed class SegmentIndex
{
    private readonly Lock _lock = new();
    private readonly Dictionary<int, Entries> _partitions = [];

    public void Add(in FrameHeader frame, in RecordBatchHeader batch, int position)
    {
        lock (_lock)
        {
            if (!_partitions.TryGetValue(frame.PartitionId, out Entries? entries))
            {
                entries = new Entries { Span = { PartitionId = frame.PartitionId, FirstOffset = batch.BaseOffset, MaxTimestampMs = long.MinValue } };
                _partitions.Add(frame.PartitionId, entries);
            }
            entries.Span.EndOffset = batch.LastOffset + 1;
            entries.Span.MaxTimestampMs = Math.Max(entries.Span.MaxTimestampMs, batch.MaxTimestampMs);
            entries.Span.Bytes += frame.FrameBytes;
            entries.Span.Records += batch.RecordCount;
            List<IndexEntry> list = entries.List;
            if (list.Count > 0 && list[^1].Position / IndexEntry.BlockBytes == position / IndexEntry.BlockBytes)
                list[^1] = list[^1] with { MaxTimestampMs = Math.Max(list[^1].MaxTimestampMs, batch.MaxTimestampMs) };
            else
                list.Add(new IndexEntry(batch.BaseOffset, frame.IngestSequence, position, batch.MaxTimestampMs));
        }
    }

    /// <summary>Takes what a clean stop saved of one partition.</summary>
    public void Load(in PartitionSpan span, IndexEntry[] entries)
    {
        lock (_lock)
        {
            var loaded = new Entries { Span = span };
            loaded.List.AddRange(entries);
            _partitions[span.PartitionId] = loaded;
        }
    }

    public bool TryGetSpan(int partitionId, out PartitionSpan span)
    {
        lock (_lock)
        {
            if (_partitions.TryGetValue(partitionId, out Entries? entries))
            {
                span = entries.Span;
                return true;
            }
        }
        span = default;
        return false;
    }

    /// <summary>The last entry for which <paramref name="isBefore"/> holds; it must hold for a prefix of the entries. False when it holds for none.</summary>
    public bool TryFindLast(int partitionId, Func<IndexEntry, bool> isBefore, out IndexEntry entry)
    {
        lock (_lock)
        {
            if (_partitions.TryGetValue(partitionId, out Entries? entries))
            {
                for (int i = entries.List.Count - 1; i >= 0; i--)
                {
                    if (!isBefore(entries.List[i])) continue;
                    entry = entries.List[i];
                    return true;
                }
            }
        }
        entry = default;
        return false;
    }

    /// <summary>The first entry whose block holds a record at or after that time.</summary>
    public bool TryFindTime(int partitionId, long timestampMs, out IndexEntry entry)
    {
        lock (_lock)
        {
            if (_partitions.TryGetValue(partitionId, out Entries? entries))
            {
                foreach (IndexEntry candidate in entries.List)
                {
                    if (candidate.MaxTimestampMs < timestampMs) continue;
                    entry = candidate;
                    return true;
                }
            }
        }
        entry = default;
        return false;
    }

    /// <summary>Largest position whose ingest sequence is at most <paramref name="ingestSequence"/>; 0 when there is none.</summary>
    public int FindPositionByIngest(long ingestSequence)
    {
        int best = 0;
        lock (_lock)
        {
            foreach (Entries entries in _partitions.Values)
                for (int i = entries.List.Count - 1; i >= 0; i--)
                {
                    if (entries.List[i].IngestSequence > ingestSequence) continue;
                    best = Math.Max(best, entries.List[i].Position);
                    break;
                }
        }
        return best;
    }

    /// <summary>Spans in order of partition id and all entries, as the sidecar holds them.</summary>
    public (PartitionSpan[] Spans, IndexEntry[] Entries) Freeze()
    {
        lock (_lock)
        {
            var spans = new PartitionSpan[_partitions.Count];
            var all = new List<IndexEntry>();
            int at = 0;
            foreach (Entries entries in _partitions.Values.OrderBy(e => e.Span.PartitionId))
            {
                PartitionSpan span = entries.Span;
                span.FirstEntry = all.Count;
                span.EntryCount = entries.List.Count;
                all.AddRange(entries.List);
                spans[at++] = span;
            }
            return (spans, all.ToArray());
        }
    }

    private sealed class Entries
    {
        public PartitionSpan Span;
        public readonly List<IndexEntry> List = [];
    }
}
