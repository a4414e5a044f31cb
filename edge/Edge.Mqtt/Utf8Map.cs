using System.Runtime.InteropServices;

namespace Edge.Mqtt;

/// <summary>A bounded map from UTF-8 text to a value, looked up by span without an allocation. Emptied when full: it is a cache. Not thread-safe.</summary>
/// <remarks>Linear probing at most half full. The hash is the runtime's randomized one: a client that picks its topics cannot aim at one bucket.</remarks>
internal sealed class Utf8Map<T>(int maxEntries) where T : class
{
    private const int InitialSlots = 16;
    private Entry[] _slots = [];

    private struct Entry
    {
        public int Hash;
        public byte[]? Key;
        public T? Value;
    }

    public int Count { get; private set; }

    public T? Find(ReadOnlySpan<byte> key)
    {
        Entry[] slots = _slots;
        if (slots.Length == 0) return null;
        int hash = Hash(key), mask = slots.Length - 1;
        for (int i = hash & mask; slots[i].Key is { } candidate; i = (i + 1) & mask)
            if (slots[i].Hash == hash && key.SequenceEqual(candidate)) return slots[i].Value;
        return null;
    }

    /// <summary>Adds or replaces.</summary>
    public void Set(byte[] key, T value)
    {
        if (Count >= maxEntries) Clear();
        if (_slots.Length < (Count + 1) * 2) Grow();
        int hash = Hash(key), mask = _slots.Length - 1, i = hash & mask;
        for (; _slots[i].Key is { } candidate; i = (i + 1) & mask)
        {
            if (_slots[i].Hash != hash || !key.AsSpan().SequenceEqual(candidate)) continue;
            _slots[i].Value = value;
            return;
        }
        _slots[i] = new Entry { Hash = hash, Key = key, Value = value };
        Count++;
    }

    public void Clear()
    {
        _slots = [];
        Count = 0;
    }

    private void Grow()
    {
        Entry[] old = _slots;
        _slots = new Entry[Math.Max(InitialSlots, old.Length * 2)];
        int mask = _slots.Length - 1;
        foreach (Entry entry in old)
        {
            if (entry.Key is null) continue;
            int i = entry.Hash & mask;
            while (_slots[i].Key is not null) i = (i + 1) & mask;
            _slots[i] = entry;
        }
    }

    private static int Hash(ReadOnlySpan<byte> key)
    {
        int hash = string.GetHashCode(MemoryMarshal.Cast<byte, char>(key));
        return (key.Length & 1) == 0 ? hash : (hash * 31) + key[^1];
    }
}
