using System.Text;
using System.Text.Json;
using Edge.Log.Commit;
using Edge.Log.Topics;

namespace Edge.Log;

/// <summary>Where this journal comes from: its boots, and the logs it was forked from (<c>__boots</c>).</summary>
public sealed partial class Journal
{
    private const string ParentsKey = "parents", ForkKey = "fork";

    /// <summary>Logs this one descends from, newest first; empty when it was formatted and never forked.</summary>
    public IReadOnlyList<string> Parents => TextOf(_tables[BootsTable], ParentsKey) is { Length: > 0 } parents ? parents.Split(',') : [];

    /// <summary>What the last fork planned, as given to <see cref="ForkAsync"/>; null when there was none.</summary>
    public ReadOnlyMemory<byte>? ForkPlan => _tables[BootsTable].TryGet(ForkKey, out ReadOnlyMemory<byte> plan) ? plan : default(ReadOnlyMemory<byte>?);

    /// <summary>The boot that wrote with that epoch; null when it is not on record (only the last thousand are).</summary>
    public Guid? BootOfEpoch(int epoch)
    {
        if (!_tables[BootsTable].TryGet(string.Create(null, $"boot/{epoch}"), out ReadOnlyMemory<byte> value)) return null;
        try
        {
            using JsonDocument boot = JsonDocument.Parse(value);
            return boot.RootElement.TryGetProperty("boot", out JsonElement id) && id.TryGetGuid(out Guid guid) ? guid : null;
        }
        catch (JsonException)
        {
            return null; // not ours: an unknown boot is handled, a wrong one would not be
        }
    }

    /// <summary>All boots on record with their epochs.</summary>
    public IReadOnlyDictionary<Guid, int> Boots()
    {
        var boots = new Dictionary<Guid, int>();
        foreach ((string key, _) in _tables[BootsTable].Snapshot())
        {
            if (!key.StartsWith("boot/", StringComparison.Ordinal) || !int.TryParse(key.AsSpan(5), out int epoch)) continue;
            if (BootOfEpoch(epoch) is { } boot) boots[boot] = epoch;
        }
        return boots;
    }

    /// <summary>Gives the journal a new lineage: from now on its offsets are others' than the parent's. Durable, as one commit, before <see cref="LogId"/> changes.</summary>
    /// <param name="log">8 hex digits, never used before; or the present one, to note other parents.</param>
    /// <param name="parents">Logs it descends from, newest first.</param>
    /// <param name="plan">Where each partition goes on; opaque here.</param>
    public async Task<CommitOutcome> ForkAsync(string log, IReadOnlyList<string> parents, ReadOnlyMemory<byte> plan)
    {
        var item = new ForkItem(_tables[BootsTable], Encoding.UTF8.GetBytes(log), Encoding.UTF8.GetBytes(string.Join(',', parents)), plan);
        Submit(item);
        CommitOutcome outcome = await item.Completion.ConfigureAwait(false);
        if (outcome.IsDurable) LogId = log;
        return outcome;
    }

    private sealed class ForkItem(KeyedTable boots, byte[] log, byte[] parents, ReadOnlyMemory<byte> plan) : CommitItem
    {
        private readonly TaskCompletionSource<CommitOutcome> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<CommitOutcome> Completion => _completion.Task;
        public override int SizeBytes => 1024 + log.Length + parents.Length + plan.Length;
        public override bool UsesReserve => true;

        public override void Write(ICommitWriter writer)
        {
            writer.Put(boots, "log"u8.ToArray(), log);
            writer.Put(boots, Encoding.UTF8.GetBytes(ParentsKey), parents);
            writer.Put(boots, Encoding.UTF8.GetBytes(ForkKey), plan);
        }

        public override void Complete(CommitOutcome outcome) => _completion.TrySetResult(outcome);
    }
}
