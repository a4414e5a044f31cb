using System.Text;
using Edge.Log.Commit;
using Edge.Log.Lineage;
using Edge.Log.Segments;
using Edge.Log.State;
using Edge.Log.Storage;
using Edge.Log.Topics;
using Microsoft.Extensions.Logging;

namespace Edge.Log;

/// <summary>The writer: takes items from the queue, writes them as one group, syncs once, then tells everyone.</summary>
public sealed partial class Journal
{
    private readonly object _queueLock = new();
    private readonly Queue<CommitItem> _queue = new();
    private readonly CommitWriter _writer;
    private Thread? _thread;
    private bool _stopping, _writerIdle;
    private Segment _active = null!;
    private int _preparedTo, _durableEnd;
    private long _nextSequence, _nextIngestSequence;

    /// <summary>Queues an item for the next group commit; from any thread, never blocks. When fenced or stopped the item completes at once with that outcome.</summary>
    public void Submit(CommitItem item)
    {
        lock (_queueLock)
        {
            if (!_stopping && Fault is null)
            {
                _queue.Enqueue(item);
                if (_writerIdle) Monitor.Pulse(_queueLock);
                return;
            }
        }
        item.Complete(new CommitOutcome(AppendStatus.Fenced, Fault ?? new ObjectDisposedException(nameof(Journal))));
    }

    /// <summary>Appends one ready-made batch whose checksum the caller verified; completes when it is durable or refused.</summary>
    /// <param name="batch">A RecordBatch v2. Belongs to the journal until the task completes.</param>
    public Task<AppendResult> AppendAsync(Partition partition, Memory<byte> batch)
    {
        var item = new BatchAppend(partition, batch);
        Submit(item);
        return item.Completion;
    }

    /// <summary>One group commit, if anything waits. The writer thread's step; tests take it by hand instead of <see cref="Start"/>.</summary>
    /// <returns>False when nothing was waiting.</returns>
    internal bool RunCommitOnce()
    {
        _writer.Clear();
        int groupLimit = Math.Min(Options.MaxGroupBytes, Options.SegmentBytes / 4);
        while (_writer.BufferedBytes < groupLimit && TryTake(out CommitItem? item))
        {
            AppendStatus status = Fault is not null ? AppendStatus.Fenced : Admit(item, item.UsesReserve ? RoomFor.Internal : RoomFor.Records);
            if (status == AppendStatus.LogFull && item.MayDropOldest && !ReferenceEquals(item, _tried))
            {
                _waitsForRoom = item; // what was gathered goes first: the drop is a commit of its own
                break;
            }
            if (status == AppendStatus.LogFull) Interlocked.Increment(ref Statistics.RefusedCount);
            if (status == AppendStatus.Ok) item.Write(_writer);
            _writer.EndItem(item, status);
        }
        bool any = _waitsForRoom is not null;
        if (_writer.Items.Count > 0)
        {
            FlushGroup();
            any = true;
        }
        if (_waitsForRoom is not null) DropOldest();
        return any;
    }

    private void RunWriter()
    {
        while (WaitForWork())
        {
            if (Options.Linger > TimeSpan.Zero && !_stopping) Linger();
            try { RunCommitOnce(); }
            catch (Exception e) // a bug in an item must not leave others waiting for ever
            {
                Fence(e);
                FailFrom(0, e);
            }
        }
    }

    private void Linger()
    {
        lock (_queueLock)
        {
            long until = TimeProvider.GetTimestamp() + (long)(Options.Linger.TotalSeconds * TimeProvider.TimestampFrequency);
            while (!_stopping)
            {
                TimeSpan left = TimeProvider.GetElapsedTime(TimeProvider.GetTimestamp(), until);
                if (left <= TimeSpan.Zero || !Monitor.Wait(_queueLock, left)) return;
            }
        }
    }

    private bool WaitForWork()
    {
        lock (_queueLock)
        {
            while (_queue.Count == 0 && _secondChance is null)
            {
                if (_stopping) return false;
                _writerIdle = true;
                Monitor.Wait(_queueLock);
                _writerIdle = false;
            }
            return true;
        }
    }

    private bool TryTake([System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out CommitItem? item)
    {
        lock (_queueLock)
        {
            if (_secondChance is null) return _queue.TryDequeue(out item);
            (item, _tried, _secondChance) = (_secondChance, _secondChance, null);
            return true;
        }
    }

    /// <summary>Decides before anything of an item is written, so that an admitted item always has its place.</summary>
    private AppendStatus Admit(CommitItem item, RoomFor use)
    {
        long bound = item.SizeBytes + ((long)item.MaxBatches * FrameHeader.HeaderBytes);
        if (bound > Options.SegmentBytes / 2) return AppendStatus.BatchTooLarge;
        if (_active.End + _writer.BufferedBytes + bound + MaxPaddingBytes <= _active.Capacity) return AppendStatus.Ok;
        return EnsureSpare(use) ? AppendStatus.Ok : AppendStatus.LogFull;
    }

    private void FlushGroup()
    {
        int first = 0;
        List<CommitWriter.Item> items = _writer.Items;
        while (first < items.Count)
        {
            int end = first;
            while (end < items.Count && _active.End + _writer.BytesOf(first, end + 1) + MaxPaddingBytes <= _active.Capacity) end++;
            try
            {
                if (end == first) RollFor(first);
                else WriteAndSync(first, end);
            }
            catch (DiskException e)
            {
                if (!TryRepeatElsewhere(ref first, end, e)) return;
                continue;
            }
            if (end > first) Publish(first, end);
            first = end;
        }
    }

    private void RollFor(int item)
    {
        // Admission bounds every item by what it announced; one that wrote more than a segment holds would be rolled for ever.
        if (_writer.BytesOf(item, item + 1) > _active.Capacity / 2 + (_active.Capacity / 4)) throw new InvalidOperationException("A commit item is larger than it announced.");
        Roll();
    }

    /// <summary>The one second chance of a group: a fresh segment, written and synced once. The old file is sealed where its last good sync ended.</summary>
    private bool TryRepeatElsewhere(ref int first, int end, DiskException cause)
    {
        LogWriteFailed(cause.Message);
        try
        {
            if (end == first) throw cause; // it was the roll itself that failed
            if (!EnsureSpare(RoomFor.Cleaning)) throw cause;
            Roll();
            // What fits behind the header of a fresh segment is at least what fitted into the old one's rest.
            WriteAndSync(first, end);
        }
        catch (DiskException second)
        {
            Fence(second);
            FailFrom(first, second);
            return false;
        }
        Interlocked.Increment(ref Statistics.ReAppends);
        Publish(first, end);
        first = end;
        return true;
    }

    private void FailFrom(int first, Exception cause)
    {
        for (int i = first; i < _writer.Items.Count; i++) _writer.Items[i].Commit.Complete(new CommitOutcome(AppendStatus.Fenced, Fault ?? cause));
        _writer.Clear();
        RefuseQueued();
    }

    private void RefuseQueued()
    {
        while (TryTake(out CommitItem? item))
            item.Complete(new CommitOutcome(AppendStatus.Fenced, Fault ?? new ObjectDisposedException(nameof(Journal))));
    }

    private void WriteAndSync(int firstItem, int endItem)
    {
        int bytes = _writer.BytesOf(firstItem, endItem);
        if (bytes == 0) return; // only refused items
        int at = _active.End, padding = PaddingAt(at + bytes);
        Prepare(at + bytes + padding);
        long sequence = _nextSequence, ingestSequence = _nextIngestSequence;
        _active.File.Write(at, _writer.Finish(firstItem, endItem, ref sequence, ref ingestSequence, _active.BasePosition + at));
        if (padding > 0) _active.File.Write(at + bytes, PaddingFrame(padding, sequence++, ingestSequence, _active.BasePosition + at));
        _active.File.Sync();
        _nextSequence = sequence;
        _nextIngestSequence = ingestSequence;
        Interlocked.Add(ref Statistics.WrittenCount, bytes + padding);
        Interlocked.Increment(ref Statistics.CommitsCount);
        Volatile.Write(ref _lastCommitAt, TimeProvider.GetTimestamp());
        _durableEnd = at + bytes + padding;
    }

    /// <summary>Makes a synced range visible, in this order: index, segment end, high watermarks, journal-order readers, tables, and last the item's owner.</summary>
    private void Publish(int firstItem, int endItem)
    {
        List<CommitWriter.Item> items = _writer.Items;
        if (_writer.BytesOf(firstItem, endItem) > 0)
        {
            SegmentIndex index = _active.Active!;
            int bufferStart = _writer.StartOf(firstItem);
            ReadOnlySpan<CommitWriter.Frame> frames = _writer.FramesOf(firstItem, endItem);
            foreach (ref readonly CommitWriter.Frame frame in frames)
            {
                index.Add(frame.Header, frame.Batch, _active.End + (frame.BufferStart - bufferStart));
                Interlocked.Add(ref Statistics.RecordsCount, frame.Batch.RecordCount);
                Interlocked.Add(ref Statistics.PayloadCount, frame.Batch.SizeBytes);
            }
            Interlocked.Add(ref Statistics.BatchesCount, frames.Length);
            _active.End = _durableEnd;
            foreach (ref readonly CommitWriter.Frame frame in frames)
            {
                // In this order: a read_committed consumer must never see the watermark above a transaction it does not know of.
                if (frame.Batch.IsTransactional) frame.Partition.Transactions.Apply(frame.Batch, _writer.BatchOf(frame));
                frame.Partition.HighWatermark = frame.Batch.LastOffset + 1;
            }
            Volatile.Write(ref _durableSequence, frames[^1].Header.IngestSequence + 1);
            foreach (CommitWriter.TableChange change in _writer.ChangesOf(firstItem, endItem)) ApplyTableChange(change.Table, change.Key, change.Value);
            SignalCommit();
            Partition? last = null;
            foreach (ref readonly CommitWriter.Frame frame in frames)
            {
                if (!ReferenceEquals(frame.Partition, last) && frame.Partition.HasWatchers) frame.Partition.NotifyAdvanced();
                last = frame.Partition;
            }
        }
        for (int i = firstItem; i < endItem; i++) items[i].Commit.Complete(new CommitOutcome(items[i].Status, items[i].Status == AppendStatus.Fenced ? Fault : null));
    }

    private void ApplyTableChange(KeyedTable table, string key, ReadOnlyMemory<byte>? value)
    {
        table.Apply(key, value);
        if (table.Partition.Id == TopicsPartitionId) Topics.Apply(key, value);
        else if (table.Name == StartOffsets.TableName) ApplyStart(key, value);
        else if (table.Partition.Id == BootsPartitionId && key == JournalLineage.LogKey && value is { } id) LogId = Encoding.UTF8.GetString(id.Span);
    }

    /// <summary>On the writer thread: what is appended from now on has at least that epoch.</summary>
    internal void RaiseEpoch(int minEpoch) => Epoch = Math.Max(Epoch, minEpoch);

    private int MaxPaddingBytes => Options.PadBytes == 0 ? 0 : Options.PadBytes + FrameHeader.HeaderBytes;

    /// <summary>Bytes from that position to the end of its page, so that the next commit touches no page that holds durable bytes.</summary>
    private int PaddingAt(int position)
    {
        if (Options.PadBytes == 0 || position % Options.PadBytes == 0) return 0;
        int padding = Options.PadBytes - (position % Options.PadBytes);
        return padding < FrameHeader.HeaderBytes ? padding + Options.PadBytes : padding;
    }

    private byte[] PaddingFrame(int bytes, long sequence, long ingestSequence, long durablePosition)
    {
        byte[] frame = new byte[bytes];
        new FrameHeader(bytes - FrameHeader.HeaderBytes, FrameHeader.PaddingPartition, FrameFlags.EndsItem, BootTag, sequence, ingestSequence, durablePosition, Epoch).Write(frame);
        return frame;
    }

    [LoggerMessage(1002, LogLevel.Error, "A write or sync of the journal failed ({Cause}); the group is written once more to a fresh segment")]
    private partial void LogWriteFailed(string cause);
}
