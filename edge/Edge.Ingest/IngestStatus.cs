namespace Edge.Ingest;

/// <summary>Outcome of handing a record to ingest. Nothing was taken unless <see cref="Ok"/>.</summary>
public enum IngestStatus : byte
{
    Ok,

    /// <summary>Key + value + headers are above <see cref="IngestOptions.MaxRecordBytes"/>.</summary>
    TooLarge,

    /// <summary>Admission control: as many bytes as allowed are in flight. Try again when there is room.</summary>
    Busy,

    /// <summary>The disk's bound is reached.</summary>
    LogFull,

    /// <summary>The journal is read-only.</summary>
    Fenced,

    /// <summary>The topic's name is not allowed, the topic is missing and may not be created, or it was deleted.</summary>
    InvalidTopic,
}
