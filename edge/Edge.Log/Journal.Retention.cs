using Edge.Log.Commit;
using Edge.Log.Gaps;
using Edge.Log.Segments;
using Edge.Log.State;
using Edge.Log.Storage;
using Edge.Log.Topics;

namespace Edge.Log;

/// <summary>Removing old records: by each topic's time and bytes, never above a partition's floor. A log start moves durably, with its gap record, before anything is removed.</summary>
public sealed partial class Journal
{
    private const int MaxMovesPerItem = 64;

    /// <summary>False until the host asked for retention once: before, the forwarder may not have said what it still wants.</summary>
    private volatile bool _floorsAreKnown;

    /// <summary>Applies retention once, on the writer thread. The host calls it on a timer, first when every <see cref="Partition.RetentionFloor"/> is set.</summary>
    public void ApplyRetention()
    {
        _floorsAreKnown = true;
        Submit(new RetentionItem(this));
    }

    /// <summary>Moves one log start in the item that is being written: readers see it once durable.</summary>
    internal void MoveStart(ICommitWriter writer, in StartMove move)
    {
        Partition partition = move.Partition;
        long from = partition.LogStartOffset, floor = partition.RetentionFloor;
        StartOffsets.Put(this, writer, partition, move.To);
        if (move.To > floor) Gaps.Add(writer, partition, Math.Max(from, floor), move.To, move.Reason);
        ref long counter = ref Statistics.DroppedCount;
        if (move.Reason == GapReason.DropOldest) counter = ref Statistics.DroppedOldestCount;
        else if (move.Reason == GapReason.Trimmed) counter = ref Statistics.TrimmedCount;
        Interlocked.Add(ref counter, move.To - from);
    }

    /// <summary>Moves of log starts that one item can hold: what it announces must fit into a segment.</summary>
    private int MovesPerItem => Math.Clamp((Options.SegmentBytes / 4) / StartMoveBytes, 1, MaxMovesPerItem);

    /// <summary>Upper bound of one move with its gap record, frame headers included.</summary>
    private const int StartMoveBytes = StartOffsets.PutBytes + GapTable.BytesPerGap;

    private void ApplyStart(string key, ReadOnlyMemory<byte>? value)
    {
        if (StartOffsets.TryParse(key, value, out int id, out long offset) && _partitions.TryGetValue(id, out Partition? partition) && offset > partition.LogStartOffset)
            partition.LogStartOffset = offset;
    }

    /// <summary>Where each partition's log start goes by its topic's time and bytes, over whole segments.</summary>
    private List<StartMove> DecideRetention(int limit)
    {
        var moves = new List<StartMove>();
        long now = TimeProvider.GetUtcNow().ToUnixTimeMilliseconds();
        foreach (Partition partition in _partitions.Values)
        {
            if (moves.Count == limit) break;
            if (partition.Topic.IsInternal || partition.Topic.IsDeleted || !partition.Topic.Config.CleanupPolicy.HasFlag(CleanupPolicy.Delete)) continue;
            long start = ExpiredTo(partition, now);
            if (start > partition.LogStartOffset) moves.Add(new StartMove(partition, start, GapReason.Retention));
        }
        return moves;
    }

    private long ExpiredTo(Partition partition, long now)
    {
        TopicConfig config = partition.Topic.Config;
        long start = partition.LogStartOffset, bytes = 0;
        if (config.RetentionMs < 0 && config.RetentionBytes < 0) return start;
        if (config.RetentionBytes >= 0)
            foreach (Segment segment in _segments)
                if (segment.TryGetSpan(partition.Id, out PartitionSpan held) && held.EndOffset > start) bytes += held.Bytes;
        foreach (Segment segment in _segments)
        {
            if (!segment.IsSealed) break;
            if (!segment.TryGetSpan(partition.Id, out PartitionSpan span) || span.EndOffset <= start) continue;
            bool tooOld = config.RetentionMs >= 0 && span.MaxTimestampMs < now - config.RetentionMs;
            bool tooMuch = config.RetentionBytes >= 0 && bytes - span.Bytes >= config.RetentionBytes;
            if ((!tooOld && !tooMuch) || span.EndOffset > partition.RetentionFloor) break;
            bytes -= span.Bytes;
            start = span.EndOffset;
        }
        return start;
    }

    /// <summary>Takes away the oldest segments that hold nothing any more, and what the free-space floor asks for.</summary>
    private void RemoveDead()
    {
        while (_segments.Length > 1 && IsRemovable(_segments[0]) && HoldsNothing(_segments[0]))
            if (!TryRemoveOldest()) return;
        try
        {
            while (_disk.FreeBytes < Options.MinFreeBytes && FreeUnwanted(recycle: false)) { }
        }
        catch (DiskException e) { LogCleanupFailed(e.Message); }
    }

    /// <summary>Runs retention in its turn among the commits.</summary>
    private sealed class RetentionItem(Journal journal) : CommitItem
    {
        private bool _hasMore;

        // And the tables' own entries, when this is their first use.
        public override int SizeBytes => (StartMoveBytes * journal.MovesPerItem) + 1000;
        public override int MaxBatches => 4;
        public override bool UsesReserve => true;

        public override void Write(ICommitWriter writer)
        {
            int limit = journal.MovesPerItem;
            List<StartMove> moves = journal.DecideRetention(limit);
            foreach (StartMove move in moves) journal.MoveStart(writer, move);
            _hasMore = moves.Count == limit;
            if (moves.Count == 0) journal.Gaps.Prune(writer, limit);
        }

        public override void Complete(CommitOutcome outcome)
        {
            // Nobody waits: what failed is tried again at the next tick of the timer.
            if (!outcome.IsDurable) return;
            journal.RemoveDead();
            if (_hasMore) journal.Submit(new RetentionItem(journal));
        }
    }
}
