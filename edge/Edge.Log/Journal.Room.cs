using Edge.Log.Commit;
using Edge.Log.Gaps;
using Edge.Log.Segments;
using Edge.Log.State;
using Edge.Log.Storage;
using Edge.Log.Topics;
using Microsoft.Extensions.Logging;

namespace Edge.Log;

/// <summary>Room at the disk's bound: what nobody wants goes first, oldest first; then <c>full=drop-oldest</c>; the reserve is for what must go on.</summary>
public sealed partial class Journal
{
    private const int ReserveSegments = 3;

    /// <summary>An item that found no room while a topic of it may drop its oldest records; it is admitted or refused after that was tried.</summary>
    private CommitItem? _waitsForRoom, _secondChance, _tried;

    private long BoundBytes => Options.MaxBytes > 0 ? Options.MaxBytes : _disk.TotalBytes / 10 * 8;

    /// <summary>May another segment be made? Ordinary records leave the reserve; internal ones leave its last segment to gap records and the cleaner.</summary>
    private bool HasRoomForSegment(RoomFor use)
    {
        long reserve = Math.Min(ReserveSegments * (long)Options.SegmentBytes, BoundBytes / 4);
        long keep = use switch { RoomFor.Records => reserve, RoomFor.Internal => reserve / ReserveSegments, _ => 0 };
        return Statistics.StoredBytes + Options.SegmentBytes <= BoundBytes - keep
            && _disk.FreeBytes - Options.SegmentBytes >= (use == RoomFor.Records ? Options.MinFreeBytes : 0);
    }

    /// <summary>At the disk's bound: removes the oldest segment if no lane wants anything in it, whatever its retention.</summary>
    private bool FreeUnwanted(bool recycle = true)
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
        return TryRemoveOldest(recycle);
    }

    /// <summary>Drops the oldest segment's records of topics that allow it, until it is free or something else holds it. The gap records are durable before anything goes.</summary>
    private void DropOldest()
    {
        while (_floorsAreKnown && _segments.Length > 1 && IsRemovable(_segments[0]) && Fault is null)
        {
            List<StartMove> moves = DecideDrop(_segments[0]);
            if (moves.Count == 0) break;
            _writer.Clear();
            var drop = new DropItem(this, moves);
            AppendStatus status = Admit(drop, RoomFor.Cleaning);
            if (status == AppendStatus.Ok) drop.Write(_writer);
            _writer.EndItem(drop, status);
            FlushGroup();
            if (!drop.IsDurable) break;
            LogDropped(moves.Count, _segments[0].BasePosition);
            if (HoldsNothing(_segments[0]) && TryRemoveOldest()) break;
        }
        (_secondChance, _waitsForRoom) = (_waitsForRoom, null);
    }

    /// <summary>Log starts behind the segment, for every partition in it; none when a topic that rejects still wants something there.</summary>
    private List<StartMove> DecideDrop(Segment segment)
    {
        var moves = new List<StartMove>();
        foreach (PartitionSpan span in segment.Spans)
        {
            if (!IsHeld(span, out Partition? partition)) continue;
            if (span.EndOffset > partition.RetentionFloor && partition.Topic.Config.Full != FullPolicy.DropOldest) return [];
            if (moves.Count < MovesPerItem) moves.Add(new StartMove(partition, span.EndOffset, GapReason.DropOldest));
        }
        return moves;
    }

    /// <summary>Only what lies before every kept snapshot may go: a damaged newest one is then replaced by the one before it and the frames since.</summary>
    private bool IsRemovable(Segment segment) => segment.IsSealed && segment.EndPosition <= ReplayFrom;

    private bool HoldsNothing(Segment segment)
    {
        foreach (PartitionSpan span in segment.Spans)
            if (IsHeld(span, out _)) return false;
        return true;
    }

    private bool IsHeld(in PartitionSpan span, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out Partition? partition) =>
        _partitions.TryGetValue(span.PartitionId, out partition) && !partition.Topic.IsInternal && !partition.Topic.IsDeleted && span.EndOffset > partition.LogStartOffset;

    /// <summary>Takes the oldest segment out of the journal; its file becomes the spare when nobody reads it and none is waiting.</summary>
    private bool TryRemoveOldest(bool recycle = true)
    {
        Segment oldest = _segments[0];
        _segments = _segments[1..];
        return TryDiscard(oldest, recycle);
    }

    /// <summary>Removes the file of a segment that is no part of the journal any more.</summary>
    private bool TryDiscard(Segment segment, bool recycle)
    {
        Interlocked.Decrement(ref Statistics.SegmentsCount);
        Interlocked.Add(ref Statistics.StoredCount, -segment.Capacity);
        try
        {
            string name = Segment.NameOf(segment.BasePosition), index = Segment.IndexNameOf(segment.BasePosition);
            recycle = recycle && _spare is null && segment.Capacity == Options.SegmentBytes && segment.TryRetireUnread();
            if (!recycle) segment.Retire();
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

    /// <summary>Who asks for a segment, and so how much of the reserve it may use.</summary>
    private enum RoomFor : byte
    {
        Records,
        Internal,
        Cleaning,
    }

    /// <summary>The moves of one drop, with their gap records.</summary>
    private sealed class DropItem(Journal journal, List<StartMove> moves) : CommitItem
    {
        public bool IsDurable { get; private set; }
        public override int SizeBytes => (StartMoveBytes * moves.Count) + 1000;
        public override int MaxBatches => 4;
        public override bool UsesReserve => true;

        public override void Write(ICommitWriter writer)
        {
            foreach (StartMove move in moves) journal.MoveStart(writer, move);
        }

        public override void Complete(CommitOutcome outcome) => IsDurable = outcome.IsDurable;
    }

    [LoggerMessage(1040, LogLevel.Warning, "The disk's bound is reached: the oldest records of {Partitions} partitions were dropped (full=drop-oldest), up to journal position {Position}")]
    private partial void LogDropped(int partitions, long position);
}
