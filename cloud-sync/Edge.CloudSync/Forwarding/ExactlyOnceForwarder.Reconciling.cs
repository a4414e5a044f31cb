using Confluent.Kafka;
using Edge.CloudSync.Centre;
using Edge.CloudSync.Cursors;
using Edge.Log.Commit;
using Edge.Log.Lineage;
using Microsoft.Extensions.Logging;

namespace Edge.CloudSync.Forwarding;

/// <summary>The state Reconciling: what does the centre have, and is it ours?</summary>
internal sealed partial class ExactlyOnceForwarder
{
    private static readonly string Hardware = HardwareIdentity.Read();
    private LocalHistory? _history;

    private async Task<ForwarderEvent> ReconcileAsync(TransactionSession session)
    {
        if (Wanted is { } wanted) return wanted;
        CancellationToken interruption = Interruption();
        foreach (string own in (string[])[CentralTopics.Cursors, CentralTopics.Gaps, CentralTopics.DeadLetter])
        {
            (CentralTopic? topic, string? refusal) = await session.Topics.FindAsync(own, interruption).ConfigureAwait(false);
            if (topic is not null) continue;
            Note(refusal!);
            return ForwarderEvent.SessionFailed;
        }
        CentralState centre = await _centre.ReadAsync(session.Admin, session.Topics.Known(CentralTopics.Cursors)!, interruption).ConfigureAwait(false);
        if (session.Taint is not null && !IgnoresTaint) return Reopen(ForwarderEvent.Tainted); // what was read stands, but no transaction may begin
        _history ??= new LocalHistory(Journal);
        _deviceAtCentre = centre.Device;
        StartDecision decision = StartTable.Decide(Journal.DeviceId, _history, LocalPositions(), centre, _isIncarnationKnown ? _incarnation : null,
            ForkPlan.Parse(Journal.Lineage.ForkPlan), Options.CursorLost, _isAdoptWanted);
        foreach (string happened in decision.Events) LogDecision(Logger, decision.Kind, happened);
        if (decision.IsHalt)
        {
            _halt = decision;
            Note(decision.Events[0]);
            return ForwarderEvent.Conflict;
        }
        if (decision.Events.Count > 0) Note(decision.Events[^1]);
        if (!await CarryOutAsync(decision).ConfigureAwait(false)) return ForwarderEvent.SessionFailed;
        _isAdoptWanted = false;
        return Wanted ?? ForwarderEvent.Resolved;
    }

    /// <summary>Makes a new lineage durable before anything is sent under it, then places every source.</summary>
    private async Task<bool> CarryOutAsync(StartDecision decision)
    {
        bool isNewLog = decision.Kind == StartKind.Fork;
        if (isNewLog || decision.Kind == StartKind.Succeed)
        {
            string log = isNewLog ? JournalLineage.NewLogId() : Journal.LogId;
            byte[] plan = ForkPlan.ToJson(decision.Positions.Select(position => KeyValuePair.Create(position.Key, position.Value.Next)));
            CommitOutcome outcome = await Journal.Lineage.ForkAsync(log, decision.Parents, plan).ConfigureAwait(false);
            if (!outcome.IsDurable)
            {
                Note($"The new lineage could not be written ({outcome.Status}): nothing is forwarded.");
                return false;
            }
        }
        // Every cursor of a new lineage goes up with its first transaction, so that the parent's are never needed again.
        _mustWriteDevice = !_isIncarnationKnown || isNewLog || decision.Kind is StartKind.Succeed or StartKind.FinishFork || _deviceAtCentre is null || _deviceAtCentre.Log != Journal.LogId;
        _mustWriteAll = decision.Kind is StartKind.Fork or StartKind.FinishFork or StartKind.Succeed;
        if (_deviceAtCentre is { Hardware.Length: > 0 } known && Hardware.Length > 0 && known.Hardware != Hardware && !_isIncarnationKnown) LogNewHardware(Logger, known.Hardware, Hardware);
        long durable = Journal.DurableSequence, position = durable;
        foreach (SourcePartition source in Sources.All)
        {
            if (!decision.Positions.TryGetValue(source.CursorKey, out StartPosition start)) continue; // made meanwhile: it stands at its start
            source.StartAt(start, Journal.LogId);
            source.Partition.RetentionFloor = Math.Min(source.Partition.RetentionFloor, start.Next);
            if (decision.ForkedAt.TryGetValue(source.CursorKey, out (long From, long To) part)) _restored.Add((source, part.From, part.To));
            if (!source.IsHeldBack && source.NextToRead < source.Partition.HighWatermark) position = Math.Min(position, source.ResumeSequence);
        }
        Place(position);
        return true;
    }

    private List<LocalPosition> LocalPositions()
    {
        var positions = new List<LocalPosition>();
        foreach (SourcePartition source in Sources.All)
        {
            SyncCursor? note = source.Written;
            // What this process saw committed is newer than what it wrote down.
            if (source.Sequence > (note?.Sequence ?? 0))
                note = new SyncCursor(source.Tracker.Next, source.Tracker.Previous, source.IsHeldBack ? source.ResumeSequence : Math.Max(source.ResumeSequence, 0), Journal.LogId, source.Sequence);
            positions.Add(new LocalPosition(source.CursorKey, source.Partition.LogStartOffset, source.Partition.HighWatermark, note, source.Partition));
        }
        return positions;
    }

    private ForwarderEvent Reopen(ForwarderEvent because)
    {
        _mustReopen = true;
        return because;
    }

    [LoggerMessage(EventId = 4160, Level = LogLevel.Warning, Message = "Start at the centre: {Kind}. {What}")]
    private static partial void LogDecision(ILogger logger, StartKind kind, string what);

    [LoggerMessage(EventId = 4161, Level = LogLevel.Warning, Message = "The centre knew this device on other hardware ({Known}, now {Now}); forwarding goes on")]
    private static partial void LogNewHardware(ILogger logger, string known, string now);
}
