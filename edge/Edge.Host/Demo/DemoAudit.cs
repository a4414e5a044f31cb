using Edge.CloudSync.Audit;

namespace Edge.Host.Demo;

/// <summary>Checks at the centre what the device says it has sent.</summary>
internal static class DemoAudit
{
    /// <param name="status">The device's account; no input may come any more.</param>
    /// <exception cref="AuditException">The centre cannot be read.</exception>
    public static async Task<DemoVerdict> RunAsync(string bootstrap, DemoStatus status, TimeProvider timeProvider, CancellationToken cancellationToken)
    {
        var reports = new List<AuditReport>();
        var sent = new SortedDictionary<string, long>(StringComparer.Ordinal);
        foreach (IGrouping<string, DemoPartition> topic in status.Partitions.GroupBy(static p => p.Topic))
        {
            // What still waits is told apart from what is lost: only what the centre confirmed is due there.
            ChainExpectation[] expected = [.. topic.Where(static p => (p.Next ?? 0) > 0).Select(p => new ChainExpectation(status.Device, status.Log, p.Topic, p.Partition, 0, Math.Min(p.Next!.Value, p.LogEndOffset)))];
            sent[topic.Key] = topic.Sum(static p => p.LogEndOffset);
            if (expected.Length == 0) continue; // nothing was ever written to it
            reports.Add(await CentreAudit.RunAsync(
                new AuditOptions { BootstrapServers = bootstrap, Topic = topic.Key, Device = status.Device, Expected = expected }, timeProvider, cancellationToken).ConfigureAwait(false));
        }
        return new DemoVerdict(reports, sent, status.Backlog);
    }
}
