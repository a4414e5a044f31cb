using System.Buffers;
using Edge.Log;
using Edge.Log.Lineage;
using Edge.Log.Records;
using Edge.Log.Topics;

namespace Edge.CloudSync.Cursors;

/// <summary>The journal's own boots: which of them wrote what. A boot's name is the first 8 hex digits of its id.</summary>
internal sealed class LocalHistory : ILocalHistory
{
    private readonly Journal _journal;
    private readonly Dictionary<string, int> _epochs = new(StringComparer.Ordinal);
    private readonly Dictionary<int, string> _names = [];

    public LocalHistory(Journal journal)
    {
        _journal = journal;
        foreach (BootRecord boot in journal.Lineage.Boots)
        {
            _epochs[NameOf(boot.BootId)] = boot.Epoch;
            _names[boot.Epoch] = NameOf(boot.BootId);
        }
    }

    public string Log => _journal.LogId;
    public IReadOnlyList<string> Parents => _journal.Lineage.Parents;

    public static string NameOf(Guid boot) => boot.ToString("N")[..8];

    /// <summary>The boot that wrote with that epoch; epochs no longer on record get a name of their own.</summary>
    public string BootOf(int epoch) => _names.TryGetValue(epoch, out string? name) ? name : $"epoch-{epoch}";

    public bool KnowsBoot(string boot) => _epochs.ContainsKey(boot) || boot.StartsWith("epoch-", StringComparison.Ordinal);

    public long EndOf(LocalPosition partition, string boot, long next)
    {
        if (partition.Partition is not { } stored || !TryGetEpoch(boot, out int epoch)) return next;
        long end = Math.Min(next, stored.HighWatermark);
        if (end <= stored.LogStartOffset) return Math.Min(next, Math.Max(end, stored.LogStartOffset)); // retention took what could tell
        // Epochs rise with the offsets: when the last record below the end is old enough, all are.
        if (TryReadEpoch(stored, end - 1, out long at, out int found) && at < end && found <= epoch) return end;
        long offset = stored.LogStartOffset;
        while (offset < end && TryReadEpoch(stored, offset, out long first, out int other, out long behind))
        {
            if (other > epoch) return Math.Min(end, Math.Max(first, stored.LogStartOffset));
            offset = behind;
        }
        return end;
    }

    private bool TryGetEpoch(string boot, out int epoch) => _epochs.TryGetValue(boot, out epoch) || int.TryParse(boot.AsSpan(Math.Min(6, boot.Length)), out epoch);

    private static bool TryReadEpoch(Partition partition, long offset, out long baseOffset, out int epoch) => TryReadEpoch(partition, offset, out baseOffset, out epoch, out _);

    private static bool TryReadEpoch(Partition partition, long offset, out long baseOffset, out int epoch, out long behind)
    {
        var batch = new ArrayBufferWriter<byte>(4096);
        ReadResult read = partition.Read(offset, 1, minOneBatch: true, batch);
        (baseOffset, epoch, behind) = (-1, 0, -1);
        if (read.Status != ReadStatus.Ok || batch.WrittenCount < RecordBatchHeader.HeaderBytes) return false;
        RecordBatchHeader header = RecordBatchHeader.Parse(batch.WrittenSpan);
        (baseOffset, epoch, behind) = (header.BaseOffset, header.PartitionLeaderEpoch, header.LastOffset + 1);
        return true;
    }
}
