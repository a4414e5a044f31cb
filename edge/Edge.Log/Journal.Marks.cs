using Edge.Log.Commit;
using Edge.Log.Segments;
using Edge.Log.State;
using Edge.Log.Storage;
using Microsoft.Extensions.Logging;

namespace Edge.Log;

/// <summary>Marks of rest: the idle mark proves that the last group was durable, the clean-stop mark spares the next start all reading.</summary>
public sealed partial class Journal
{
    internal const string CleanState = "clean.stop", CleanIndex = "clean.index";
    private static readonly TimeSpan IdleAfter = TimeSpan.FromSeconds(60), IdleCheck = TimeSpan.FromSeconds(20);
    private ITimer? _idleTimer;
    private long _lastCommitAt, _markedCommits;

    private void StartIdleTimer() => _idleTimer = TimeProvider.CreateTimer(static state => ((Journal)state!).CheckIdle(), this, IdleCheck, IdleCheck);

    private void CheckIdle()
    {
        if (Statistics.Commits == Volatile.Read(ref _markedCommits) || TimeProvider.GetElapsedTime(Volatile.Read(ref _lastCommitAt)) < IdleAfter) return;
        Submit(new IdleMarkItem(this));
    }

    /// <summary>Writes and syncs a frame that holds nothing but the durable position: from then on damage of the last group is known as damage, not taken for a torn tail.</summary>
    private void WriteIdleMark()
    {
        if (Fault is not null || Statistics.Commits == _markedCommits) return;
        int at = _active.End, bytes = FrameHeader.HeaderBytes + PaddingAt(at + FrameHeader.HeaderBytes);
        if (at + bytes > _active.Capacity) return; // the next commit rolls, and a further segment proves as much
        try
        {
            Prepare(at + bytes);
            _active.File.Write(at, PaddingFrame(bytes, _nextSequence, _nextIngestSequence, _active.BasePosition + at));
            _active.File.Sync();
            _nextSequence++;
            _active.End = at + bytes;
            Interlocked.Add(ref Statistics.WrittenCount, bytes);
        }
        catch (DiskException e)
        {
            // As after any failed write or sync: this file is sealed where its last good sync ended.
            LogWriteFailed(e.Message);
            try { Roll(); }
            catch (DiskException second) { Fence(second); }
        }
        Volatile.Write(ref _markedCommits, Statistics.Commits);
    }

    /// <summary>After the last commit: everything that replay would find out, so that the next start reads no frame.</summary>
    private void WriteCleanMark()
    {
        try
        {
            (PartitionSpan[] spans, IndexEntry[] entries) = _active.Active!.Freeze();
            StateSnapshot.WriteAside(_disk, CleanIndex, SegmentIndexFile.Encode(_active.BasePosition, _active.End, spans, entries));
            MakeState(_active.BasePosition).Save(_disk, CleanState);
            _disk.SyncDirectory();
        }
        catch (DiskException e) { LogNoCleanMark(e.Message); }
    }

    /// <summary>Takes the state of the last clean stop. False: there was none, or it does not fit what is there, and the journal is read.</summary>
    private bool TryLoadCleanMark(Segment active)
    {
        if (!_disk.Exists(CleanState) || !_disk.Exists(CleanIndex)) return false;
        if (StateSnapshot.TryLoad(_disk, CleanState) is not { } state || state.Position != active.BasePosition) return false;
        SegmentIndex? index;
        int end;
        using (IDiskFile file = _disk.Open(CleanIndex, DiskOpenMode.Read)) index = SegmentIndexFile.TryReadAll(file, active.BasePosition, out end);
        if (index is null || end > active.Capacity) return false;
        using (var cursor = new FrameCursor(Options.MaxBatchBytes))
        {
            // A frame behind the mark: something appended that did not know of it.
            cursor.Start(active, end, active.Capacity);
            if (end < active.Capacity && cursor.TryHeaderAt(end, out FrameHeader frame) && frame.Sequence == state.NextSequence) return false;
        }
        Restore(state);
        RememberSnapshots(state.Position);
        active.Active = index;
        active.End = end;
        return true;
    }

    /// <summary>Before anything is appended: a mark that outlived an append would hide it.</summary>
    private void RemoveCleanMark()
    {
        if (_disk.Exists(CleanState)) _disk.Unlink(CleanState);
        if (_disk.Exists(CleanIndex)) _disk.Unlink(CleanIndex);
    }

    /// <summary>Wakes the writer for the mark; carries nothing itself.</summary>
    private sealed class IdleMarkItem(Journal journal) : CommitItem
    {
        public override int SizeBytes => 0;
        public override int MaxBatches => 0;
        public override bool UsesReserve => true;

        public override void Write(ICommitWriter writer)
        {
            // The mark is no batch: it is written when the group it came with is durable.
        }

        public override void Complete(CommitOutcome outcome)
        {
            if (outcome.IsDurable) journal.WriteIdleMark();
        }
    }

    /// <summary>The idle mark now; for tests that have no timer.</summary>
    internal void MarkIdle() => Submit(new IdleMarkItem(this));

    [LoggerMessage(1050, LogLevel.Warning, "The mark of a clean stop was not written: {Cause}; the next start reads the newest segment")]
    private partial void LogNoCleanMark(string cause);
}
