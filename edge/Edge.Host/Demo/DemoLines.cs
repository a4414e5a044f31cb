using System.Globalization;

namespace Edge.Host.Demo;

/// <summary>Lines of text, for logs and for pipes: one every two seconds, and each event when it happens.</summary>
internal sealed class DemoLines(TextWriter output) : IDemoView
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    private TimeSpan _next;
    private int _eventsSaid;

    public void Say(string line)
    {
        output.WriteLine(line);
        output.Flush();
    }

    public Task LiveAsync(Func<Action<DemoFrame>, Task> body) => body(Show);

    public void Show(DemoVerdict verdict)
    {
        Say("");
        Say("Audit at the centre, against the device's own account (its log end offsets):");
        foreach (Edge.CloudSync.Audit.AuditReport report in verdict.Reports)
            Say(string.Create(CultureInfo.InvariantCulture, $"  {report.Topic,-24} sent {verdict.SentByTopic[report.Topic],8}  delivered {report.Delivered,8}  lost {report.Lost}  duplicated {report.Duplicated}  reordered {report.Reordered}"));
        Say(verdict.Line);
        Say(verdict.IsClean ? "Every record arrived once, in order." : "The account does not add up: see above.");
    }

    private void Show(DemoFrame frame)
    {
        for (; _eventsSaid < frame.Events.Count; _eventsSaid++) Say(frame.Events[_eventsSaid]);
        if (frame.At < _next) return;
        _next = frame.At + Interval;
        if (frame.Status is not { } status) return;
        string offsets = string.Join("  ", status.Partitions.GroupBy(static p => p.Topic).Select(static t => $"{t.Key} {string.Join('/', t.Select(static p => p.LogEndOffset.ToString(CultureInfo.InvariantCulture)))}"));
        Say(string.Create(CultureInfo.InvariantCulture,
            $"{frame.At.TotalSeconds,6:0.0} s  {frame.Link}  records {status.Records} ({frame.RecordsPerSecond:+0;-0;+0}/s)  forwarded {status.Forwarded}  backlog {status.Backlog}  log end offsets: {offsets}"));
    }
}
