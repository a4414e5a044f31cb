namespace Edge.CloudSync;

/// <summary>What the forwarder is doing and how far it got. A snapshot.</summary>
public sealed record SyncStatus
{
    public SyncState State { get; init; }

    /// <summary><c>exactly-once</c> or <c>at-least-once</c>, as <c>Sync:Delivery</c> says.</summary>
    public string Delivery { get; init; } = SyncOptions.ExactlyOnce;

    /// <summary>Why forwarding is <see cref="SyncState.Halted"/>; null while it is not.</summary>
    public string? HaltReason { get; init; }

    /// <summary>Transactions committed since the start of this process.</summary>
    public long Transactions { get; init; }

    /// <summary>Transactions undone since the start of this process; what they held was sent again.</summary>
    public long TransactionsAborted { get; init; }

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
