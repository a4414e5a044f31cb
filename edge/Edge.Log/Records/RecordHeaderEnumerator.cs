namespace Edge.Log.Records;

/// <summary>Walks encoded record headers. Stops early on malformed bytes and then says so in <see cref="IsMalformed"/>.</summary>
public ref struct RecordHeaderEnumerator(ReadOnlySpan<byte> encoded, int count)
{
    private ReadOnlySpan<byte> _left = encoded;
    private int _count = count;

    public RecordHeaderView Current { get; private set; }
    public bool IsMalformed { get; private set; }

    public readonly RecordHeaderEnumerator GetEnumerator() => this;

    public bool MoveNext()
    {
        if (_count == 0) return false;
        if (!RecordEnumerator.TryTakeBytes(ref _left, out ReadOnlySpan<byte> name, out bool hasName) || !hasName
            || !RecordEnumerator.TryTakeBytes(ref _left, out ReadOnlySpan<byte> value, out bool hasValue))
        {
            IsMalformed = true;
            _count = 0;
            return false;
        }
        _count--;
        Current = new RecordHeaderView { Name = name, Value = value, HasValue = hasValue };
        return true;
    }
}
