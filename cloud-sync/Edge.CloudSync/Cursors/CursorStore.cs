using System.Text;
using Edge.CloudSync.Forwarding;
using Edge.Log;
using Edge.Log.Commit;
using Edge.Log.Topics;
using Microsoft.Extensions.Logging;

namespace Edge.CloudSync.Cursors;

/// <summary>Keeps the cursors in the journal (<c>__sync_cursors</c>) and retention's floor at what is durable there. One owner.</summary>
/// <param name="repeats">True for delivery without transactions: the cursors are then not the centre's.</param>
internal sealed partial class CursorStore(Journal journal, bool repeats, ILogger logger)
{
    /// <summary>An idle partition's cursor is written again after so many frames of others, so that a restart need not read them all.</summary>
    private const long RefreshAfterFrames = 4096;

    private readonly KeyedTable _table = journal.GetTable(SyncCursor.TableName);
    private Task _pending = Task.CompletedTask;

    public bool IsBusy => !_pending.IsCompleted;

    /// <summary>The stored cursor of a partition. Null when there is none, or none that can be read.</summary>
    public SyncCursor? Load(string key)
    {
        if (!_table.TryGet(key, out ReadOnlyMemory<byte> value)) return null;
        if (SyncCursor.TryParse(value.Span, out SyncCursor cursor)) return cursor;
        LogUnreadable(logger, key);
        return null;
    }

    /// <summary>Starts writing the cursors that moved, in one commit. One write at a time: while one runs, nothing happens.</summary>
    /// <param name="lookedAt">Every frame before it was handed on or skipped.</param>
    public Task Flush(IEnumerable<SourcePartition> sources, Func<SourcePartition, long> lookedAt)
    {
        if (IsBusy) return _pending;
        var moved = new List<(SourcePartition Source, SyncCursor Cursor)>();
        foreach (SourcePartition source in sources)
        {
            (long next, long previous, long sequence) = source.Tracker.Read(source.IsHeldBack ? source.ResumeSequence : lookedAt(source));
            var cursor = new SyncCursor(next, previous, sequence, journal.LogId, source.Sequence, repeats && source.Sequence > 0);
            bool hasMoved = source.Written is not { } written || written with { IngestSequence = sequence } != cursor || sequence - written.IngestSequence > RefreshAfterFrames;
            if (hasMoved) moved.Add((source, cursor));
        }
        return moved.Count == 0 ? Task.CompletedTask : _pending = WriteAsync(moved);
    }

    private async Task WriteAsync(List<(SourcePartition Source, SyncCursor Cursor)> moved)
    {
        var commit = new CursorCommit(_table, [.. moved.Select(m => (Encoding.UTF8.GetBytes(m.Source.CursorKey), m.Cursor.ToJson()))]);
        journal.Submit(commit);
        CommitOutcome outcome = await commit.Done.ConfigureAwait(false);
        if (!outcome.IsDurable)
        {
            LogNotWritten(logger, outcome.Status); // forwarding goes on: at worst the records since then arrive twice after a restart
            return;
        }
        foreach ((SourcePartition source, SyncCursor cursor) in moved)
        {
            source.Written = cursor;
            source.Partition.RetentionFloor = cursor.Next; // never above what a restart would start from
            source.TrimPoison(cursor.Next);
        }
    }

    [LoggerMessage(EventId = 4120, Level = LogLevel.Warning, Message = "The cursor of {Partition} cannot be read and is ignored: its records are sent again from the start of the log")]
    private static partial void LogUnreadable(ILogger logger, string partition);

    [LoggerMessage(EventId = 4121, Level = LogLevel.Warning, Message = "Cursors were not written ({Status}); after a restart the records sent since arrive twice")]
    private static partial void LogNotWritten(ILogger logger, AppendStatus status);
}
