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

    /// <summary>A delivery failed, the client is fatally broken, or nothing was confirmed for too long.</summary>
    SessionFailed,
    ClosedToRetry,
    ClosedToPause,
    ClosedToStop,
}
