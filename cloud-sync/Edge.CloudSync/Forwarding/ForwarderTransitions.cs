using System.Collections.Frozen;

namespace Edge.CloudSync.Forwarding;

/// <summary>The whole state machine of the forwarder as a table; docs/operations/sync.md shows the same one.</summary>
/// <remarks>Every way out of a state that owns a producer leads through <see cref="SyncState.Closing"/>, where it is disposed: none exists elsewhere.</remarks>
public static class ForwarderTransitions
{
    public static readonly FrozenDictionary<(SyncState From, ForwarderEvent On), SyncState> Table = new Dictionary<(SyncState, ForwarderEvent), SyncState>
    {
        [(SyncState.Stopped, ForwarderEvent.Start)] = SyncState.Probing,
        [(SyncState.Probing, ForwarderEvent.CentreReachable)] = SyncState.Opening,
        [(SyncState.Probing, ForwarderEvent.CentreUnreachable)] = SyncState.Waiting,
        [(SyncState.Probing, ForwarderEvent.Pause)] = SyncState.Paused,
        [(SyncState.Probing, ForwarderEvent.Stop)] = SyncState.Stopped,
        [(SyncState.Waiting, ForwarderEvent.BackoffElapsed)] = SyncState.Probing,
        [(SyncState.Waiting, ForwarderEvent.Pause)] = SyncState.Paused,
        [(SyncState.Waiting, ForwarderEvent.Stop)] = SyncState.Stopped,
        [(SyncState.Opening, ForwarderEvent.SessionOpened)] = SyncState.Forwarding,
        [(SyncState.Opening, ForwarderEvent.ProducerReady)] = SyncState.Reconciling,
        [(SyncState.Opening, ForwarderEvent.SessionFailed)] = SyncState.Closing,
        [(SyncState.Opening, ForwarderEvent.Pause)] = SyncState.Closing,
        [(SyncState.Opening, ForwarderEvent.Stop)] = SyncState.Closing,
        [(SyncState.Reconciling, ForwarderEvent.Resolved)] = SyncState.Forwarding,
        [(SyncState.Reconciling, ForwarderEvent.Conflict)] = SyncState.Closing,
        [(SyncState.Reconciling, ForwarderEvent.Tainted)] = SyncState.Closing,
        [(SyncState.Reconciling, ForwarderEvent.SessionFailed)] = SyncState.Closing,
        [(SyncState.Reconciling, ForwarderEvent.Pause)] = SyncState.Closing,
        [(SyncState.Reconciling, ForwarderEvent.Stop)] = SyncState.Closing,
        [(SyncState.Forwarding, ForwarderEvent.PlanReady)] = SyncState.Sending,
        [(SyncState.Forwarding, ForwarderEvent.Tainted)] = SyncState.Closing,
        [(SyncState.Forwarding, ForwarderEvent.SessionFailed)] = SyncState.Closing,
        [(SyncState.Forwarding, ForwarderEvent.Pause)] = SyncState.Closing,
        [(SyncState.Forwarding, ForwarderEvent.Stop)] = SyncState.Closing,
        [(SyncState.Sending, ForwarderEvent.Sent)] = SyncState.Committing,
        [(SyncState.Sending, ForwarderEvent.Refused)] = SyncState.Aborting,
        [(SyncState.Sending, ForwarderEvent.SessionFailed)] = SyncState.Closing,
        [(SyncState.Committing, ForwarderEvent.Committed)] = SyncState.Forwarding,
        [(SyncState.Committing, ForwarderEvent.Tainted)] = SyncState.Closing,
        [(SyncState.Committing, ForwarderEvent.Refused)] = SyncState.Aborting,
        [(SyncState.Committing, ForwarderEvent.SessionFailed)] = SyncState.Closing,
        [(SyncState.Aborting, ForwarderEvent.Aborted)] = SyncState.Closing,
        [(SyncState.Aborting, ForwarderEvent.SessionFailed)] = SyncState.Closing,
        [(SyncState.Closing, ForwarderEvent.ClosedToRetry)] = SyncState.Waiting,
        [(SyncState.Closing, ForwarderEvent.ClosedToPause)] = SyncState.Paused,
        [(SyncState.Closing, ForwarderEvent.ClosedToStop)] = SyncState.Stopped,
        [(SyncState.Closing, ForwarderEvent.ClosedToReopen)] = SyncState.Probing,
        [(SyncState.Closing, ForwarderEvent.ClosedToHalt)] = SyncState.Halted,
        [(SyncState.Halted, ForwarderEvent.Adopt)] = SyncState.Probing,
        [(SyncState.Halted, ForwarderEvent.Stop)] = SyncState.Stopped,
        [(SyncState.Paused, ForwarderEvent.Resume)] = SyncState.Probing,
        [(SyncState.Paused, ForwarderEvent.Stop)] = SyncState.Stopped,
    }.ToFrozenDictionary();

    /// <exception cref="InvalidOperationException">The table has no such transition: a bug of the forwarder.</exception>
    public static SyncState Next(SyncState from, ForwarderEvent on) =>
        Table.TryGetValue((from, on), out SyncState to) ? to : throw new InvalidOperationException($"The forwarder has no transition from {from} on {on}.");
}
