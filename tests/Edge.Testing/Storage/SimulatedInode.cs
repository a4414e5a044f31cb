namespace Edge.Testing.Storage;

/// <summary>A file without its name: what the page cache shows, what the medium holds, and the changes between the two.</summary>
internal sealed class SimulatedInode
{
    private List<PendingChange> _pending = [];
    private bool _pendingIsShared;

    public SimulatedInode() : this(new SparseImage()) { }

    /// <summary>A file found after a crash: cache and medium agree.</summary>
    public SimulatedInode(SparseImage image) => (Current, Durable) = (image, image.Clone());

    /// <summary>A file as it was when a snapshot was taken, its un-synced changes included.</summary>
    public SimulatedInode(InodeSnapshot snapshot) : this(snapshot.Durable.Clone())
    {
        for (int i = 0; i < snapshot.Count; i++)
        {
            PendingChange change = snapshot.Pending[i];
            if (change.IsResize && change.Length > Current.Length) Current.Preallocate(change.Length);
            else change.Apply(Current);
            Append(change);
        }
    }

    public SparseImage Current { get; private set; }
    public SparseImage Durable { get; private set; }
    public IReadOnlyList<PendingChange> Pending => _pending;

    public void Write(long position, ReadOnlySpan<byte> source)
    {
        bool zeros = source.Length >= SparseImage.PageBytes && source.IndexOfAnyExcept((byte)0) < 0;
        Change(new PendingChange(position, zeros ? null : source.ToArray(), source.Length, false));
    }

    public void SetLength(long length) => Change(new PendingChange(0, null, length, true));

    public void Preallocate(long length)
    {
        long before = Current.Length;
        Current.Preallocate(length);
        if (length > before) Append(new PendingChange(0, null, length, true));
    }

    public void Sync()
    {
        long low = long.MaxValue, high = 0;
        bool resized = false;
        foreach (PendingChange change in _pending)
        {
            resized |= change.IsResize;
            low = Math.Min(low, change.Position);
            high = Math.Max(high, change.Position + change.Length);
        }
        if (resized) Durable = Current.Clone();
        else if (high > 0) Durable.Share(Current, low, high);
        ForgetPending();
    }

    /// <summary>A sync that failed: the kernel marks the pages clean, so what <paramref name="random"/> did not let through is lost and no later sync brings it.</summary>
    public void FailSync(SeededRandom random, bool evict)
    {
        Durable = CrashImage.Of(this, _pending, (CrashVariant)random.Next(Enum.GetValues<CrashVariant>().Length), random);
        if (evict) Current = Durable.Clone();
        ForgetPending();
    }

    /// <summary>Damages bytes that were durable: bit rot.</summary>
    public void Rot(long position, ReadOnlySpan<byte> bytes)
    {
        Current.Write(position, bytes);
        Durable.Write(position, bytes);
    }

    /// <summary>State at this moment; later changes of the file do not show in it.</summary>
    public InodeSnapshot Snapshot()
    {
        _pendingIsShared = true;
        return new InodeSnapshot(Durable.Clone(), _pending, _pending.Count);
    }

    private void Change(PendingChange change)
    {
        change.Apply(Current);
        Append(change);
    }

    private void Append(PendingChange change) => _pending.Add(change);

    private void ForgetPending()
    {
        if (_pendingIsShared) (_pending, _pendingIsShared) = ([], false);
        else _pending.Clear();
    }
}
