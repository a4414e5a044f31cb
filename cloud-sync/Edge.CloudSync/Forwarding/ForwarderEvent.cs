namespace Edge.CloudSync.Forwarding;

/// <summary>What moves the forwarder from one <see cref="SyncState"/> to the next.</summary>
public enum ForwarderEvent : byte
{
    Start,
    Stop,
    Pause,
    Resume,
    CentreReachable,
    CentreUnreachable,

    /// <summary>The pause is over, or the host's addresses changed.</summary>
    BackoffElapsed,
    SessionOpened,

    /// <summary>The transactional id is fenced and its last transaction decided.</summary>
    ProducerReady,

    /// <summary>The centre was read and the sources placed.</summary>
    Resolved,

    /// <summary>Going on would lose or repeat records, or another appliance is the device: an operator decides.</summary>
    Conflict,

    /// <summary>There is something for a transaction.</summary>
    PlanReady,

    /// <summary>The centre has every message of the transaction.</summary>
    Sent,
    Committed,

    /// <summary>The centre refused a message or the commit: the transaction is undone.</summary>
    Refused,
    Aborted,

    /// <summary>A request of this producer may still be on its way: no further transaction with it.</summary>
    Tainted,

    /// <summary>A delivery failed, the client is fatally broken, or nothing was confirmed for too long.</summary>
    SessionFailed,
    ClosedToRetry,

    /// <summary>A new producer at once: the centre works.</summary>
    ClosedToReopen,
    ClosedToHalt,
    ClosedToPause,
    ClosedToStop,

    /// <summary>An operator said that this appliance is the device.</summary>
    Adopt,
}
