using Edge.Log.Gaps;

namespace Edge.CloudSync.Forwarding;

/// <summary>All that one transaction will carry, gathered before it begins: a transaction never waits for input, and its cursors go out together with its data.</summary>
/// <remarks>Owned by the forwarder loop. Holds copies in slabs that are used again; <see cref="Release"/> gives them back while the centre is away.</remarks>
internal sealed class TransactionPlan
{
    private const int SlabBytes = 1 << 20, SlabsKept = 9;
    private readonly List<byte[]> _slabs = [];
    private int _slab, _used;

    public List<PlannedBatch> Batches { get; } = [];
    public List<(SourcePartition Source, JournalGap Gap)> Gaps { get; } = [];
    public List<SourcePlan> Sources { get; } = [];
    public long Bytes { get; private set; }
    public int Records { get; set; }

    /// <summary>True when the journal had nothing more: the next one may gather first.</summary>
    public bool ReachedEnd { get; set; }

    /// <summary>Only offsets were passed over: a cursor may wait, nothing is sent for them.</summary>
    public bool IsEmpty => Batches.Count == 0 && Gaps.Count == 0;

    public SourcePlan Of(SourcePartition source)
    {
        if (source.Plan is { } plan) return plan;
        Sources.Add(source.Plan = new SourcePlan(source));
        return source.Plan;
    }

    /// <summary>Keeps the bytes of a batch until <see cref="Clear"/>.</summary>
    public ReadOnlyMemory<byte> Keep(ReadOnlySpan<byte> bytes)
    {
        Bytes += bytes.Length;
        while (_slab < _slabs.Count && _slabs[_slab].Length - _used < bytes.Length) (_slab, _used) = (_slab + 1, 0);
        if (_slab == _slabs.Count) _slabs.Add(GC.AllocateUninitializedArray<byte>(Math.Max(SlabBytes, bytes.Length)));
        Memory<byte> kept = _slabs[_slab].AsMemory(_used, bytes.Length);
        bytes.CopyTo(kept.Span);
        _used += bytes.Length;
        return kept;
    }

    public void Clear()
    {
        foreach (SourcePlan plan in Sources) plan.Source.Plan = null;
        Batches.Clear();
        Gaps.Clear();
        Sources.Clear();
        (Bytes, Records, _slab, _used, ReachedEnd) = (0, 0, 0, 0, false);
        _slabs.RemoveAll(static slab => slab.Length > SlabBytes);
        if (_slabs.Count > SlabsKept) _slabs.RemoveRange(SlabsKept, _slabs.Count - SlabsKept);
    }

    /// <summary>Nothing is kept, not even memory.</summary>
    public void Release()
    {
        Clear();
        _slabs.Clear();
    }
}
