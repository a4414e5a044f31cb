using Edge.Log.Records;

namespace Edge.Http.Records;

/// <summary>A record as it is handed out. Owns its bytes.</summary>
internal sealed record StoredRecord(string Topic, int Partition, long Offset, long TimestampMs, byte[]? Key, byte[]? Value, IReadOnlyList<RecordHeader> Headers);
