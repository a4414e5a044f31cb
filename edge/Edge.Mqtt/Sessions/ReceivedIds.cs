using Edge.Ingest;

namespace Edge.Mqtt.Sessions;

/// <summary>QoS 2 publishes of one client that are received and not released, by packet id. Thread-safe; its lock is taken inside the gather lock, never around it.</summary>
/// <remarks>
/// For a durable session every id is kept in the commit group of its record and removed in a commit group of its own before PUBCOMP: after a crash the set is
/// exactly the ids whose record is stored and whose PUBCOMP was not sent.
/// </remarks>
/// <param name="store">Null: the session ends with its connection, nothing is kept.</param>
internal sealed class ReceivedIds(string clientId, SessionStore? store)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<ushort, (ReceivedPublish Publish, IdRun? Run)> _ids = [];
    private readonly Dictionary<string, IdRun> _runs = new(StringComparer.Ordinal);
    private IdRun? _open;
    private uint _nextRun;
    private bool _repair;

    public int Count { get { lock (_gate) return _ids.Count; } }

    public bool IsDurable => store is not null;

    /// <summary>Takes a run of an earlier boot.</summary>
    public void Restore(string key, ReadOnlySpan<byte> value)
    {
        lock (_gate)
        {
            IdRun run = new(this, System.Text.Encoding.UTF8.GetBytes(key), -1);
            run.Decode(value);
            _runs[key] = run;
            foreach (ushort id in run.Ids) _ids[id] = (default, run);
            _nextRun = Math.Max(_nextRun, SessionStore.RunNumberOf(key) + 1);
        }
    }

    /// <summary>Notes a publish that is about to be stored.</summary>
    /// <param name="isLoop">The same message again and again, never marked as a repetition.</param>
    /// <returns>False when the id is not released yet.</returns>
    public bool TryAdd(ushort id, uint checksum, bool isMarkedDup, out bool isLoop)
    {
        lock (_gate)
        {
            isLoop = false;
            if (!_ids.TryGetValue(id, out (ReceivedPublish Publish, IdRun? Run) known))
            {
                _ids[id] = (new ReceivedPublish(checksum, 0), null);
                return true;
            }
            bool same = known.Publish.Checksum == checksum;
            isLoop = !isMarkedDup && same && known.Publish.Repeats > 0;
            _ids[id] = (new ReceivedPublish(checksum, same ? (byte)1 : (byte)0), known.Run);
            return false;
        }
    }

    /// <summary>The record of the id was added to the open group: the id goes with it. Gather lock held.</summary>
    public void Keep(Gather gather, ushort id)
    {
        if (store is null) return;
        lock (_gate)
        {
            if (!_ids.TryGetValue(id, out (ReceivedPublish Publish, IdRun? Run) known)) return;
            long group = gather.Group;
            if (_open is null || _open.Group != group)
            {
                string key = SessionStore.RunKey(clientId, _nextRun++);
                _open = new IdRun(this, System.Text.Encoding.UTF8.GetBytes(key), group) { PutGroup = group };
                _runs[key] = _open;
                gather.Put(store.Table, _open.Key, _open);
            }
            _open.Ids.Add(id);
            _ids[id] = (known.Publish, _open);
        }
    }

    /// <summary>The client has released the id. Gather lock held.</summary>
    /// <returns>True when the answer has to wait for the open group.</returns>
    public bool Release(Gather gather, ushort id)
    {
        lock (_gate)
        {
            _ids.Remove(id, out (ReceivedPublish Publish, IdRun? Run) known);
            if (store is null) return false;
            if (_repair) Repair(gather);
            if (known.Run is not { } run) return true; // unknown: an earlier connection's release of it may still be on its way to the disk
            run.Ids.Remove(id);
            if (run.Ids.Count == 0) _runs.Remove(System.Text.Encoding.UTF8.GetString(run.Key));
            PutOnce(gather, run);
            return true;
        }
    }

    /// <summary>The record was not stored after all.</summary>
    public void Forget(ushort id)
    {
        lock (_gate)
        {
            if (_ids.Remove(id, out (ReceivedPublish Publish, IdRun? Run) known)) known.Run?.Ids.Remove(id);
        }
    }

    /// <summary>A group with releases was refused: what the table holds may be more than what is here, until the next release.</summary>
    public void OnReleaseFailed()
    {
        lock (_gate) _repair = true;
    }

    /// <summary>Removes everything, with the session.</summary>
    public void End()
    {
        lock (_gate)
        {
            _ids.Clear();
            foreach (string key in _runs.Keys) store?.Remove(key);
            _runs.Clear();
        }
    }

    internal ReadOnlyMemory<byte>? Settle(IdRun run)
    {
        lock (_gate) return run.Encode() is { } value ? new ReadOnlyMemory<byte>(value) : null;
    }

    private void PutOnce(Gather gather, IdRun run)
    {
        if (run.PutGroup == gather.Group) return;
        run.PutGroup = gather.Group;
        gather.Put(store!.Table, run.Key, run);
    }

    private void Repair(Gather gather)
    {
        _repair = false;
        foreach (IdRun run in _runs.Values) PutOnce(gather, run);
        foreach (string key in store!.RunKeysOf(clientId))
            if (!_runs.ContainsKey(key)) gather.Put(store.Table, System.Text.Encoding.UTF8.GetBytes(key), (ReadOnlyMemory<byte>?)null);
    }
}
