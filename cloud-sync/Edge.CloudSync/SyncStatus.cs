namespace Edge.CloudSync;

/// <summary>What the forwarder is doing and how far it got. A snapshot.</summary>
public sealed record SyncStatus
{
    public SyncState State { get; init; }

    /// <summary>What this build really delivers: <c>at-least-once</c>. After a crash up to <see cref="SyncOptions.CursorInterval"/> of records may
    /// arrive twice, with the same <c>edge.id</c>.</summary>
    public string Delivery { get; init; } = SyncOptions.AtLeastOnce;

    /// <summary>What <c>Sync:Delivery</c> asks for.</summary>
    public string ConfiguredDelivery { get; init; } = SyncOptions.ExactlyOnce;

    public string BootstrapServers { get; init; } = "";

    /// <summary>Records confirmed by the centre since the start of this process, pointers in <c>edge.deadletter</c> included.</summary>
    public long RecordsForwarded { get; init; }

    /// <summary>Bytes of key, value and headers of <see cref="RecordsForwarded"/>, before compression.</summary>
    public long BytesForwarded { get; init; }

    /// <summary>Records of which only a pointer went to <c>edge.deadletter</c>.</summary>
    public long RecordsDeadLettered { get; init; }

    /// <summary>Gap records sent to <c>edge.gaps</c>.</summary>
    public long GapsAnnounced { get; init; }

    /// <summary>Durable offsets the centre has not confirmed, over the included partitions. Holes count: an upper bound.</summary>
    public long BacklogRecords { get; init; }

    /// <summary>Estimate: <see cref="BacklogRecords"/> times the average size of a stored record since start.</summary>
    public long BacklogBytes { get; init; }

    /// <summary>Timestamp of the oldest unconfirmed record; null when there is no backlog.</summary>
    public DateTimeOffset? OldestBacklog { get; init; }

    public long RecordsInFlight { get; init; }

    /// <summary>Producers made since start. Each failure, outage and pause costs one.</summary>
    public long Sessions { get; init; }

    public string? LastError { get; init; }
    public DateTimeOffset? LastErrorTime { get; init; }
    public IReadOnlyList<PartitionSyncStatus> Partitions { get; init; } = [];
}
