namespace Edge.CloudSync;

/// <summary>What the forwarder is doing. Transitions: <see cref="Forwarding.ForwarderTransitions"/> and docs/operations/sync.md.</summary>
public enum SyncState : byte
{
    /// <summary>Not started, stopped, or nowhere to forward to.</summary>
    Stopped,

    /// <summary>Asking whether the centre answers. No producer exists.</summary>
    Probing,

    /// <summary>The centre did not answer: pausing before the next probe. No producer exists.</summary>
    Waiting,

    /// <summary>Making the producer and placing the reader at the cursors.</summary>
    Opening,

    /// <summary>Records flow, or would if there were any.</summary>
    Forwarding,

    /// <summary>Cursors are written and the producer is disposed.</summary>
    Closing,

    /// <summary>An operator asked to hold back. No producer exists.</summary>
    Paused,
}
