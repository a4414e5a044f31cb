using Edge.Log.Commit;
using Edge.Log.Segments;
using Edge.Log.Storage;
using Edge.Log.Topics;

namespace Edge.Log;

/// <summary>Removing old segments: by each topic's time and bytes, never above a partition's floor; and at the disk's bound what nobody wants, oldest first.</summary>
public sealed partial class Journal
{
    /// <summary>False until the host asked for retention once: before, the forwarder may not have said what it still wants.</summary>
    private volatile bool _floorsAreKnown;

    /// <summary>Applies retention once, on the writer thread. The host calls it on a timer, first when every <see cref="Partition.RetentionFloor"/> is set.</summary>
    public void ApplyRetention()
    {
        _floorsAreKnown = true;
        Submit(new RetentionItem(this));
    }

    private void ApplyRetentionNow()
    {
        long now = TimeProvider.GetUtcNow().ToUnixTimeMilliseconds();
        foreach (Partition partition in _partitions.Values)
            if (!partition.Topic.IsInternal && !partition.Topic.IsDeleted) AdvanceStart(partition, now);
        while (_segments.Length > 1 && IsRemovable(_segments[0]) && HoldsNothing(_segments[0]))
            if (!TryRemoveOldest()) return;
    }

    /// <summary>Moves the log start over whole segments that are past the topic's time or bytes.</summary>
    private void AdvanceStart(Partition partition, long now)
    {
        TopicConfig config = partition.Topic.Config;
        long bytes = config.RetentionBytes < 0 ? 0 : _segments.Sum(s => s.TryGetSpan(partition.Id, out PartitionSpan held) && held.EndOffset > partition.LogStartOffset ? held.Bytes : 0);
        foreach (Segment segment in _segments)
        {
            if (!segment.IsSealed) return;
            if (!segment.TryGetSpan(partition.Id, out PartitionSpan span) || span.EndOffset <= partition.LogStartOffset) continue;
            bool tooOld = config.RetentionMs >= 0 && span.MaxTimestampMs < now - config.RetentionMs;
            bool tooMuch = config.RetentionBytes >= 0 && bytes - span.Bytes >= config.RetentionBytes;
            if ((!tooOld && !tooMuch) || span.EndOffset > partition.RetentionFloor) return;
            Interlocked.Add(ref Statistics.DroppedCount, span.EndOffset - Math.Max(span.FirstOffset, partition.LogStartOffset));
            bytes -= span.Bytes;
            partition.LogStartOffset = span.EndOffset;
        }
    }

    /// <summary>At the disk's bound: removes the oldest segment if no lane wants anything in it, whatever its retention.</summary>
    private bool FreeUnwanted()
    {
        if (!_floorsAreKnown || _segments.Length < 2 || !IsRemovable(_segments[0])) return false;
        foreach (PartitionSpan span in _segments[0].Spans)
            if (IsHeld(span, out Partition? partition) && span.EndOffset > partition.RetentionFloor) return false;
        foreach (PartitionSpan span in _segments[0].Spans)
        {
            if (!IsHeld(span, out Partition? partition)) continue;
            Interlocked.Add(ref Statistics.DroppedCount, span.EndOffset - Math.Max(span.FirstOffset, partition.LogStartOffset));
            partition.LogStartOffset = span.EndOffset;
        }
        return TryRemoveOldest();
    }

    /// <summary>Internal tables do not hold a segment: the snapshot has them. So only what lies before the last good snapshot may go.</summary>
    private bool IsRemovable(Segment segment) => segment.IsSealed && segment.BasePosition < _snapshotPosition;

    private bool HoldsNothing(Segment segment)
    {
        foreach (PartitionSpan span in segment.Spans)
            if (IsHeld(span, out _)) return false;
        return true;
    }

    private bool IsHeld(in PartitionSpan span, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out Partition? partition) =>
        _partitions.TryGetValue(span.PartitionId, out partition) && !partition.Topic.IsInternal && !partition.Topic.IsDeleted && span.EndOffset > partition.LogStartOffset;

    /// <summary>Takes the oldest segment out of the journal; its file becomes the spare when nobody reads it and none is waiting.</summary>
    private bool TryRemoveOldest()
    {
        Segment oldest = _segments[0];
        _segments = _segments[1..];
        Interlocked.Decrement(ref Statistics.SegmentsCount);
        Interlocked.Add(ref Statistics.StoredCount, -oldest.Capacity);
        try
        {
            string name = Segment.NameOf(oldest.BasePosition), index = Segment.IndexNameOf(oldest.BasePosition);
            bool recycle = _spare is null && oldest.Capacity == Options.SegmentBytes && oldest.TryRetireUnread();
            if (!recycle) oldest.Retire();
            if (_disk.Exists(index)) _disk.Unlink(index);
            if (recycle) _disk.Rename(name, SpareName);
            else _disk.Unlink(name);
            // Before anything is written over it, the old name must be gone for good.
            _disk.SyncDirectory();
            if (recycle) _spare = new Spare(_disk.Open(SpareName, DiskOpenMode.ReadWrite), IsPrepared: true);
            return true;
        }
        catch (DiskException e)
        {
            LogCleanupFailed(e.Message);
            return false;
        }
    }

    /// <summary>Runs retention in its turn among the commits.</summary>
    private sealed class RetentionItem(Journal journal) : CommitItem
    {
        public override int SizeBytes => 0;
        public override int MaxBatches => 0;
        public override bool UsesReserve => true;
        public override void Write(ICommitWriter writer) => journal.ApplyRetentionNow();

        public override void Complete(CommitOutcome outcome)
        {
            // Nobody waits: the next timer tick runs it again.
        }
    }
}
