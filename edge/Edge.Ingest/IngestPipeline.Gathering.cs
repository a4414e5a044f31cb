using Edge.Log.Commit;
using Edge.Log.Records;
using Edge.Log.Topics;

namespace Edge.Ingest;

/// <summary>What happens under the gather lock, and admission control.</summary>
public sealed partial class IngestPipeline
{
    private const int RecordOverheadBytes = 40;
    private readonly Lock _roomLock = new();
    private TaskCompletionSource? _room;

    /// <summary>Completes when admission control has room again. May be early: try again and see.</summary>
    public ValueTask WaitForRoomAsync(CancellationToken cancellationToken)
    {
        lock (_roomLock)
        {
            if (HasRoom) return ValueTask.CompletedTask;
            _room ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return new ValueTask(_room.Task.WaitAsync(cancellationToken));
        }
    }

    /// <summary>Finds the open batch for one more record of the partition and counts its bytes. Gather lock held.</summary>
    internal IngestStatus Open(Partition partition, long payloadBytes, out OpenBatch? batch, bool continues = false)
    {
        batch = null;
        if (payloadBytes > Options.MaxRecordBytes) return IngestStatus.TooLarge;
        if (partition.Topic.IsDeleted) return IngestStatus.InvalidTopic;
        if (Journal.Fault is not null) return IngestStatus.Fenced;
        int bytes = (int)payloadBytes + RecordOverheadBytes;
        if (continues) Interlocked.Add(ref _inFlightBytes, bytes);
        else if (!TryReserve(bytes)) return IngestStatus.Busy;
        GatherGroup group = _current;
        if (!continues && group.Bytes > 0 && group.Bytes + bytes > _groupBytes) group = BeginGroup();
        EnsureSubmitted(group);
        if (!ReferenceEquals(_current, group))
        {
            ReleaseBytes(bytes); // a journal that was just fenced completed the group at once
            return IngestStatus.Fenced;
        }
        if (partition.Id >= _openByPartition.Length) Array.Resize(ref _openByPartition, Math.Max(partition.Id + 1, _openByPartition.Length * 2));
        batch = _openByPartition[partition.Id];
        if (batch is null || (batch.Builder.RecordCount > 0 && batch.Builder.SizeBytes + bytes > BatchBytes)) batch = NewBatch(group, partition);
        group.Bytes += bytes;
        return IngestStatus.Ok;
    }

    internal void AddListener(ICommitListener listener)
    {
        _current.Listeners.Add(listener);
        EnsureSubmitted(_current);
    }

    internal void AddPut(KeyedTable table, ReadOnlyMemory<byte> key, ReadOnlyMemory<byte>? value, ILateValue? late)
    {
        int bytes = key.Length + (value?.Length ?? 0) + RecordBatchHeader.HeaderBytes;
        Interlocked.Add(ref _inFlightBytes, bytes); // not refused: it belongs to a record that was accepted
        _current.Bytes += bytes;
        _current.Puts.Add(new TablePut(table, key, value, late));
        EnsureSubmitted(_current);
    }

    internal void LeaveGather() => _gate.Exit();

    /// <summary>The writer takes the group: what comes from now on goes to the next one.</summary>
    internal void Close(GatherGroup group)
    {
        lock (_gate)
        {
            if (!group.IsClosed) BeginGroup();
        }
    }

    internal void Completed(GatherGroup group, CommitOutcome outcome)
    {
        Close(group); // a group that was refused before it was measured is still open
        if (outcome.IsDurable) Volatile.Write(ref _durableGroup, group.Number);
        foreach (ICommitListener listener in group.Listeners) listener.OnCommitted(group.Number, outcome);
        ReleaseBytes(group.Bytes);
        lock (_gate)
        {
            foreach (OpenBatch batch in group.Batches) Recycle(batch);
            group.Reset();
            if (_freeGroups.Count < 8) _freeGroups.Push(group);
        }
    }

    private void EnsureSubmitted(GatherGroup group)
    {
        if (group.IsSubmitted) return;
        group.IsSubmitted = true;
        Journal.Submit(group);
    }


    private GatherGroup BeginGroup()
    {
        foreach (OpenBatch batch in _current.Batches) _openByPartition[batch.Partition.Id] = null;
        _current.SettlePuts();
        _current.IsClosed = true;
        long number = _current.Number + 1;
        _current = _freeGroups.TryPop(out GatherGroup? free) ? free : new GatherGroup(this);
        _current.Number = number;
        return _current;
    }

    private OpenBatch NewBatch(GatherGroup group, Partition partition)
    {
        OpenBatch batch = _freeBatches.TryPop(out OpenBatch? free) ? free : new OpenBatch();
        batch.Partition = partition;
        batch.BaseOffset = -1;
        group.Batches.Add(batch);
        _openByPartition[partition.Id] = batch;
        return batch;
    }

    private void Recycle(OpenBatch batch)
    {
        if (_freeBatches.Count >= 64)
        {
            batch.Builder.Dispose();
            return;
        }
        batch.Builder.Reset();
        _freeBatches.Push(batch);
    }

    private bool HasRoom => Volatile.Read(ref _inFlightBytes) < Options.MaxInFlightBytes;

    private bool TryReserve(int bytes)
    {
        // May overshoot by one record of each source: the bound is about megabytes, not about one record.
        if (!HasRoom) return false;
        Interlocked.Add(ref _inFlightBytes, bytes);
        return true;
    }

    private void ReleaseBytes(int bytes)
    {
        long left = Interlocked.Add(ref _inFlightBytes, -bytes);
        if (left <= Options.MaxInFlightBytes / 4 * 3) SignalRoom();
    }

    private void SignalRoom()
    {
        if (Volatile.Read(ref _room) is null) return;
        TaskCompletionSource? room;
        lock (_roomLock)
        {
            room = _room;
            _room = null;
        }
        room?.TrySetResult();
    }
}
