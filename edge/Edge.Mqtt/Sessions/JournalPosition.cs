namespace Edge.Mqtt.Sessions;

/// <summary>Place of one record: the frame's ingest sequence and the record's index in its batch.</summary>
internal readonly record struct JournalPosition(long Sequence, int RecordIndex);
