using Edge.Log.Topics;

namespace Edge.Ingest;

/// <summary>A change of an internal table that belongs to a group.</summary>
internal readonly record struct TablePut(KeyedTable Table, ReadOnlyMemory<byte> Key, ReadOnlyMemory<byte>? Value, ILateValue? Late);
