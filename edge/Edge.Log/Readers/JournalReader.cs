using Edge.Log.Records;
using Edge.Log.Segments;
using Edge.Log.Topics;

namespace Edge.Log.Readers;

/// <summary>Reads durable batches of many partitions in ingest order: a backlog of 32 partitions is read once, not 32 times.</summary>
/// <remarks>Not thread-safe; one owner. Holds one segment open, which keeps its bytes readable when retention removes it meanwhile.</remarks>
public sealed class JournalReader : IDisposable
{
    private readonly Journal _journal;
    private readonly Func<Partition, bool> _wants;
    private readonly FrameCursor _cursor;
    private Segment? _segment;

    internal JournalReader(Journal journal, long fromIngestSequence, Func<Partition, bool> wants)
    {
        _journal = journal;
        _wants = wants;
        _cursor = new FrameCursor(journal.Options.MaxBatchBytes);
        Position = Math.Max(0, fromIngestSequence);
    }

    /// <summary>Ingest sequence of the next frame to look at.</summary>
    public long Position { get; private set; }

    /// <summary>Next durable batch of a wanted partition; false when there is none now.</summary>
    public bool TryRead(out JournalEntry entry)
    {
        while (_segment is not null || TryOpen())
        {
            _cursor.Extend(_segment!.End);
            while (_cursor.TryNextHeader(out FrameHeader frame, out int position))
            {
                if (frame.IngestSequence < Position) continue;
                Position = frame.IngestSequence + 1;
                if (!_journal.TryGetPartition(frame.PartitionId, out Partition partition) || partition.Topic.IsDeleted || !_wants(partition)) continue;
                if (!_cursor.TryReadBatch(frame, position, out ReadOnlyMemory<byte> batch, out RecordBatchHeader header)) continue;
                if (header.LastOffset < partition.LogStartOffset) continue;
                entry = new JournalEntry(partition, frame.IngestSequence, header.BaseOffset, header.LastOffset, batch);
                return true;
            }
            // The next segment is looked up before the end is read again: once there is a next one, this one's end stands.
            Segment? next = _journal.SegmentAfter(_segment.EndPosition);
            if (_cursor.Position < _segment.End) continue;
            if (next is null) break;
            Close();
            // Opened here and not found by number: an empty segment begins with the same number as the one after it.
            if (next.TryAcquire()) Open(next);
        }
        entry = default;
        return false;
    }

    /// <summary>Completes when something durable was added behind <see cref="Position"/>; may be spurious.</summary>
    public ValueTask WaitAsync(CancellationToken cancellationToken) => new(_journal.WaitForCommitAsync(Position, cancellationToken));

    /// <summary>Goes on at that ingest sequence, clamped to what is there.</summary>
    public void Seek(long ingestSequence)
    {
        Close();
        Position = Math.Max(0, ingestSequence);
    }

    public void Dispose()
    {
        Close();
        _cursor.Dispose();
    }

    private bool TryOpen()
    {
        Segment[] segments = _journal.Segments;
        int index = segments.Length - 1;
        while (index > 0 && segments[index].Header.FirstIngestSequence > Position) index--;
        // Two segments may begin with the same number when one holds nothing: take the older one, nothing is skipped.
        while (index > 0 && segments[index].Header.FirstIngestSequence == Position && segments[index - 1].Header.FirstIngestSequence == Position) index--;
        Segment segment = segments[index];
        if (!segment.TryAcquire()) return segments.Length > 0 && !ReferenceEquals(_journal.Segments, segments) && TryOpen();
        Open(segment);
        return true;
    }

    /// <summary>Goes on in that segment, which is acquired, at <see cref="Position"/> or its start.</summary>
    private void Open(Segment segment)
    {
        _segment = segment;
        Position = Math.Max(Position, segment.Header.FirstIngestSequence);
        int at = Position == segment.Header.FirstIngestSequence ? SegmentHeader.HeaderBytes : segment.FindPositionByIngest(Position);
        _cursor.Start(segment, at, segment.End);
    }

    private void Close()
    {
        _journal.CountDamage(_cursor.SkippedBytes);
        _cursor.SkippedBytes = 0;
        _segment?.Release();
        _segment = null;
    }
}
