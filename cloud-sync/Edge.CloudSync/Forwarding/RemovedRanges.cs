using Edge.Log;
using Edge.Log.Gaps;
using Edge.Log.Topics;

namespace Edge.CloudSync.Forwarding;

/// <summary>Why a range of offsets is not there any more, as far as the journal has it on record.</summary>
internal static class RemovedRanges
{
    /// <summary>Cuts [from, to) where the reason changes; each part reaches to its <c>To</c>, exclusive, and they follow each other without a hole.</summary>
    /// <param name="otherwise">Reason of what no gap record covers.</param>
    public static IEnumerable<(long To, string Reason)> Of(Journal journal, Partition partition, long from, long to, string otherwise)
    {
        foreach (JournalGap gap in journal.Gaps.In(partition, from, to))
        {
            if (gap.From > from) yield return (gap.From, otherwise);
            if (gap.To > from) yield return (gap.To, gap.Reason);
            from = Math.Max(from, gap.To);
        }
        if (from < to) yield return (to, otherwise);
    }
}
