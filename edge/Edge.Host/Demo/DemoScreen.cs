using System.Globalization;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Edge.Host.Demo;

/// <summary>A live screen for a terminal.</summary>
internal sealed class DemoScreen(IAnsiConsole console) : IDemoView
{
    private const int MaxTopics = 12, MaxEvents = 8;

    public void Say(string line) => console.MarkupLineInterpolated($"{line}");

    public Task LiveAsync(Func<Action<DemoFrame>, Task> body) =>
        console.Live(new Text("starting …")).AutoClear(false).Overflow(VerticalOverflow.Ellipsis).StartAsync(context => body(frame =>
        {
            context.UpdateTarget(Render(frame));
            context.Refresh();
        }));

    public void Show(DemoVerdict verdict)
    {
        Say("Audit at the centre, against the device's own account (its log end offsets):");
        Table table = new Table().Border(TableBorder.Rounded);
        table.AddColumn("topic");
        foreach (string name in new[] { "sent", "delivered", "lost", "duplicated", "reordered" }) table.AddColumn(new TableColumn(name).RightAligned());
        foreach (Edge.CloudSync.Audit.AuditReport report in verdict.Reports)
            table.AddRow(Markup.Escape(report.Topic), N(verdict.SentByTopic[report.Topic]), N(report.Delivered), Bad(report.Lost), Bad(report.Duplicated), Bad(report.Reordered));
        console.Write(table);
        console.MarkupLine($"[{(verdict.IsClean ? "green" : "red")}]{Markup.Escape(verdict.Line)}[/]");
        Say(verdict.IsClean ? "Every record arrived once, in order." : "The account does not add up: see above.");
    }

    private static Rows Render(DemoFrame frame)
    {
        var parts = new List<IRenderable>
        {
            new Markup($"[bold]Edge[/]  {frame.At.TotalSeconds.ToString("0", CultureInfo.InvariantCulture)} s  {Markup.Escape(frame.Phase)}   link: [{(frame.IsLinkUp ? "green" : "red")}]{Markup.Escape(frame.Link)}[/]   Ctrl-C ends with an audit"),
        };
        if (frame.Status is { } status)
        {
            parts.Add(new Markup($"records in [bold]{N(status.Records)}[/] ({frame.RecordsPerSecond.ToString("0", CultureInfo.InvariantCulture)}/s)   forwarded [bold]{N(status.Forwarded)}[/]   backlog [{(status.Backlog > 0 && !frame.IsLinkUp ? "yellow" : "default")} bold]{N(status.Backlog)}[/]   uplink {Markup.Escape(status.SyncState)}"));
            parts.Add(Topics(status));
        }
        else parts.Add(new Text("the appliance does not answer at the moment"));
        parts.AddRange(frame.Addresses.Select(static line => new Text(line)));
        parts.Add(new Text(""));
        parts.AddRange(frame.Events.Skip(Math.Max(0, frame.Events.Count - MaxEvents)).Select(static line => new Text(line, new Style(Color.Grey))));
        return new Rows(parts);
    }

    private static Table Topics(DemoStatus status)
    {
        Table table = new Table().Border(TableBorder.Rounded);
        foreach (string name in new[] { "topic", "partition" }) table.AddColumn(name);
        foreach (string name in new[] { "log end offset", "confirmed by the centre", "backlog" }) table.AddColumn(new TableColumn(name).RightAligned());
        foreach (DemoPartition p in status.Partitions.Where(static p => p.LogEndOffset > 0).Take(MaxTopics * 4))
            table.AddRow(Markup.Escape(p.Topic), N(p.Partition), N(p.LogEndOffset), p.Next is { } next ? N(next) : "–", N(p.LogEndOffset - Math.Max(p.Next ?? p.LogStartOffset, p.LogStartOffset)));
        return table;
    }

    private static string N(long number) => number.ToString("#,0", CultureInfo.InvariantCulture);
    private static string Bad(long number) => number == 0 ? "0" : $"[red]{N(number)}[/]";
}
