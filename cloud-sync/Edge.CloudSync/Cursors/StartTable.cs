namespace Edge.CloudSync.Cursors;

/// <summary>Decides after each fence where forwarding goes on: the cursor at the centre is the truth, the lineage says whether it is about our records.</summary>
/// <remarks>Pure: the same inputs give the same answer. docs/operations/sync.md shows it as a table; the test of this type has a row for each line.</remarks>
internal static class StartTable
{
    /// <param name="ownIncarnation">Ours, if a transaction of this process with it was committed before; else null.</param>
    /// <param name="plan">Positions a fork planned, by <c>topic/partition</c>; null when there was none.</param>
    /// <param name="onCursorLost"><c>halt</c>, <c>resume-local</c> or <c>replay</c>.</param>
    /// <param name="adopt">An operator said: this one is the device.</param>
    public static StartDecision Decide(string device, ILocalHistory local, IReadOnlyList<LocalPosition> partitions, CentralState centre, string? ownIncarnation,
        IReadOnlyDictionary<string, long>? plan, string onCursorLost, bool adopt)
    {
        bool wasHere = partitions.Any(partition => FindCursor(device, local.Log, partition.Key, centre) is not null) || centre.Cursors.Keys.Any(key => key.StartsWith($"c/{device}/{local.Log}/", StringComparison.Ordinal));
        bool isNoted = partitions.Any(partition => partition.Note is { Sequence: > 0 } note && note.Log == local.Log);
        if (centre.Device is not { } record)
        {
            if (!wasHere && isNoted) return CursorsLost(local, partitions, onCursorLost);
            return wasHere ? Compare(device, local, partitions, centre, adopt) : Answer(StartKind.Fresh, local, partitions.ToDictionary(p => p.Key, Fresh));
        }
        if (record.Log == local.Log)
        {
            if (ownIncarnation is not null && record.Incarnation != ownIncarnation && !adopt)
                return Halt(StartKind.Rival, local, $"Another appliance forwards as '{device}' (incarnation {record.Incarnation}); 'edge adopt' on the right one, or another Device:Id, ends it.");
            if (!wasHere && isNoted) return CursorsLost(local, partitions, onCursorLost);
            return Compare(device, local, partitions, centre, adopt);
        }
        if (local.Parents.Contains(record.Log))
            return Answer(StartKind.FinishFork, local, partitions.ToDictionary(p => p.Key, p => Planned(p, plan, local.Log)));
        if (!wasHere && !isNoted)
            return new StartDecision(StartKind.Succeed, partitions.ToDictionary(p => p.Key, Fresh), [record.Log, .. record.Parents],
                [$"The data directory is new; log {local.Log} follows {record.Log} of the same device."], NoForks);
        if (!adopt)
            return Halt(StartKind.Rival, local, $"The centre has log {record.Log} for '{device}', which does not descend from {local.Log}: a cloned card, or two boxes with one Device:Id. 'edge adopt' on the right one, or another Device:Id, ends it.");
        return new StartDecision(StartKind.Fork, partitions.ToDictionary(p => p.Key, p => Forked(p, FindCursor(device, local.Log, p.Key, centre)?.Next ?? p.Note?.Next ?? p.LogStart)),
            [record.Log, local.Log, .. record.Parents.Concat(local.Parents).Distinct()], [$"Adopted: log {record.Log} of '{device}' ends here."], NoForks);
    }

    private static readonly IReadOnlyDictionary<string, (long From, long To)> NoForks = new Dictionary<string, (long, long)>();

    /// <summary>The centre has our log: do the histories agree up to the cursors?</summary>
    private static StartDecision Compare(string device, ILocalHistory local, IReadOnlyList<LocalPosition> partitions, CentralState centre, bool adopt)
    {
        var positions = new Dictionary<string, StartPosition>();
        var parts = new Dictionary<string, (long From, long To)>();
        var events = new List<string>();
        foreach (LocalPosition partition in partitions)
        {
            if (FindCursor(device, local.Log, partition.Key, centre) is not { } cursor)
            {
                if (partition.Note is { Sequence: > 0 } lost && lost.Log == local.Log)
                    events.Add($"The centre went back: it knows no cursor of {partition.Key}, which was committed up to {lost.Next}; what it still has may arrive twice.");
                positions[partition.Key] = partition.Note is { Sequence: 0 } ? Fresh(partition) : Fresh(partition with { Note = null });
                continue;
            }
            long? common = CommonEnd(local, partition, cursor);
            if (common is null && adopt) common = Math.Min(partition.LogStart, cursor.Next);
            if (common is not { } part)
                return Halt(StartKind.Stranger, local, $"No boot of {partition.Key} at the centre is known here; 'edge adopt' starts a new lineage at the local log start.");
            if (part < cursor.Next) parts[partition.Key] = (part, cursor.Next);
            positions[partition.Key] = Resumed(partition, cursor, events, local.Log);
        }
        if (parts.Count == 0) return new StartDecision(StartKind.Resume, positions, local.Parents, events, NoForks);
        foreach (LocalPosition partition in partitions)
            positions[partition.Key] = Forked(partition, parts.TryGetValue(partition.Key, out (long From, long To) part) ? part.From : positions[partition.Key].Next);
        events.Add($"Log {local.Log} was rolled back or restored from a backup: the centre has records of {parts.Count} partitions that are not here. A new lineage begins.");
        return new StartDecision(StartKind.Fork, positions, [local.Log, .. local.Parents], events, parts);
    }

    /// <summary>Below it the histories are the same; null when nothing in a full trail is known here.</summary>
    private static long? CommonEnd(ILocalHistory local, LocalPosition partition, CentralCursor cursor)
    {
        BootTrail boots = cursor.Boots;
        for (int i = boots.Count - 1; i >= 0; i--)
            if (local.KnowsBoot(boots[i].Boot)) return Math.Min(boots.EndOf(i, cursor.Next), local.EndOf(partition, boots[i].Boot, boots.EndOf(i, cursor.Next)));
        if (boots.Count == 0) return Math.Min(cursor.Next, Math.Max(partition.HighWatermark, partition.LogStart)); // nothing but gaps was forwarded
        return boots.IsFull ? null : Math.Min(boots[0].First, partition.HighWatermark);
    }

    private static StartPosition Resumed(LocalPosition partition, CentralCursor cursor, List<string> events, string log)
    {
        SyncCursor? note = partition.Note is { } own && own.Log == log ? own : null;
        if (note is { IsUnconfirmedMode: true } repeated && repeated.Sequence >= cursor.Sequence && repeated.Next > cursor.Next)
            return new StartPosition(repeated.Next, repeated.Previous, cursor.Sequence, cursor.Boots, repeated.IngestSequence); // sent since then without transactions
        if (note is { } noted && cursor.Sequence < noted.Sequence)
            events.Add($"The centre went back in time: its cursor of {partition.Key} is {cursor.Next}, {noted.Next} was committed. Its word counts; what lies between is sent again.");
        long readFrom = note is { } known && known.Next <= cursor.Next ? known.IngestSequence : 0;
        return new StartPosition(cursor.Next, cursor.Previous, cursor.Sequence, cursor.Boots, readFrom);
    }

    private static StartDecision CursorsLost(ILocalHistory local, IReadOnlyList<LocalPosition> partitions, string policy)
    {
        const string What = "The centre has no cursors of this device, although transactions were committed: the topic edge.cursors was lost or made anew.";
        return policy switch
        {
            "resume-local" => new StartDecision(StartKind.Resume, partitions.ToDictionary(p => p.Key, Fresh), local.Parents, [What + " Going on at the local positions (Sync:CursorLost=resume-local)."], NoForks),
            "replay" => new StartDecision(StartKind.Resume, partitions.ToDictionary(p => p.Key, p => Fresh(p with { Note = null })), local.Parents, [What + " Everything local is sent again (Sync:CursorLost=replay)."], NoForks),
            _ => Halt(StartKind.CursorLost, local, What + " Set Sync:CursorLost to resume-local (may lose or repeat what was under way) or replay (repeats everything)."),
        };
    }

    /// <summary>Without a word of the centre: the local note, else the start of the log.</summary>
    private static StartPosition Fresh(LocalPosition partition) => partition.Note is { } note
        ? new StartPosition(note.Next, note.Previous, note.Sequence, BootTrail.Empty, note.IngestSequence)
        : new StartPosition(partition.LogStart, -1, 0, BootTrail.Empty, 0);

    private static StartPosition Forked(LocalPosition partition, long at) => new(at, -1, 0, BootTrail.Empty, 0);

    private static StartPosition Planned(LocalPosition partition, IReadOnlyDictionary<string, long>? plan, string log)
    {
        if (plan is not null && plan.TryGetValue(partition.Key, out long at)) return Forked(partition, at);
        return partition.Note is { } note && note.Log == log ? Fresh(partition) : Fresh(partition with { Note = null });
    }

    private static CentralCursor? FindCursor(string device, string log, string key, CentralState centre) => centre.Cursors.GetValueOrDefault($"c/{device}/{log}/{key}");

    private static StartDecision Answer(StartKind kind, ILocalHistory local, Dictionary<string, StartPosition> positions) => new(kind, positions, local.Parents, [], NoForks);

    private static StartDecision Halt(StartKind kind, ILocalHistory local, string why) => new(kind, new Dictionary<string, StartPosition>(), local.Parents, [why], NoForks);
}
