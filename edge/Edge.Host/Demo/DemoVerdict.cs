using Edge.CloudSync.Audit;

namespace Edge.Host.Demo;

/// <summary>Outcome of the closing audit.</summary>
/// <param name="Sent">Records of the device that were due at the centre: its log end offsets.</param>
/// <param name="Waiting">Records still on the device because the centre did not take them in time.</param>
internal sealed record DemoVerdict(IReadOnlyList<AuditReport> Reports, IReadOnlyDictionary<string, long> SentByTopic, long Waiting)
{
    public long Sent => SentByTopic.Values.Sum();
    public long Delivered => Reports.Sum(static r => r.Delivered);
    public long Lost => Reports.Sum(static r => r.Lost);
    public long Duplicated => Reports.Sum(static r => r.Duplicated);
    public long Reordered => Reports.Sum(static r => r.Reordered);

    /// <summary>Every record arrived once and in order.</summary>
    public bool IsClean => Waiting == 0 && Lost == 0 && Duplicated == 0 && Reordered == 0 && Delivered == Sent;

    /// <summary>The line that counts.</summary>
    public string Line => $"sent {Sent}, delivered {Delivered}, lost {Lost}, duplicated {Duplicated}, reordered {Reordered}" + (Waiting > 0 ? $", still waiting on the device {Waiting}" : "");
}
