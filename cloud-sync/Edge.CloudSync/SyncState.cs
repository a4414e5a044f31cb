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

    /// <summary>Exactly once: reading the cursors at the centre and deciding where to go on.</summary>
    Reconciling,

    /// <summary>Records flow, or would if there were any. Exactly once: no transaction is open.</summary>
    Forwarding,

    /// <summary>A transaction is open and its records are on their way.</summary>
    Sending,

    /// <summary>The centre has the records and is asked to make them visible.</summary>
    Committing,

    /// <summary>The transaction is undone.</summary>
    Aborting,

    /// <summary>Cursors are written and the producer is disposed.</summary>
    Closing,

    /// <summary>An operator asked to hold back. No producer exists.</summary>
    Paused,

    /// <summary>Going on would lose or repeat records, or another appliance forwards as this device. Ingest goes on; an operator decides.</summary>
    Halted,
}
