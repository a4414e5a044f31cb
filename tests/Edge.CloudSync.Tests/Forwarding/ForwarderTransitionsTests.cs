using Edge.CloudSync.Forwarding;
using Xunit;

namespace Edge.CloudSync.Tests.Forwarding;

public sealed class ForwarderTransitionsTests
{
    // A producer exists from Opening to Closing only: every way into and out of these leads through them.
    [Fact]
    public void Table_ProducerStates_AreEnteredByOpeningAndLeftByClosing()
    {
        bool Owns(SyncState state) => state is not (SyncState.Stopped or SyncState.Probing or SyncState.Waiting or SyncState.Paused or SyncState.Halted);
        foreach (((SyncState from, ForwarderEvent _), SyncState to) in ForwarderTransitions.Table)
        {
            if (!Owns(from) && Owns(to)) Assert.Equal(SyncState.Opening, to);
            if (Owns(from) && !Owns(to)) Assert.Equal(SyncState.Closing, from);
        }
    }

    [Fact]
    public void Table_EveryRunningState_CanStopAndPause()
    {
        foreach (SyncState from in Enum.GetValues<SyncState>().Where(state => state != SyncState.Stopped))
        {
            Assert.True(Reaches(from, SyncState.Stopped), $"{from} cannot stop");
            Assert.True(Reaches(from, SyncState.Paused), $"{from} cannot pause");
            Assert.True(Reaches(from, SyncState.Forwarding), $"{from} cannot forward again");
        }
    }

    [Fact]
    public void Next_UnknownTransition_Throws() =>
        Assert.Throws<InvalidOperationException>(() => ForwarderTransitions.Next(SyncState.Paused, ForwarderEvent.SessionOpened));

    // The page an operator reads shows the table of the code, line by line.
    [Fact]
    public void Documentation_ListsEveryTransition()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "Edge.sln"))) folder = Path.GetDirectoryName(folder);
        string page = File.ReadAllText(Path.Combine(folder!, "docs", "operations", "sync.md"));
        foreach (((SyncState from, ForwarderEvent on), SyncState to) in ForwarderTransitions.Table)
            Assert.Contains($"| {from} | {on} | {to} |", page, StringComparison.Ordinal);
        int rows = page.Split('\n').Count(line => Enum.GetNames<SyncState>().Any(name => line.StartsWith($"| {name} | ", StringComparison.Ordinal)));
        Assert.Equal(ForwarderTransitions.Table.Count, rows);
    }

    [Fact]
    public void Backoff_ManyPauses_StayWithinTheirBoundAndAboveTheFloor()
    {
        var backoff = new Backoff(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(60), new Random(3));
        TimeSpan bound = TimeSpan.FromSeconds(1), longest = TimeSpan.Zero;
        for (int i = 0; i < 200; i++)
        {
            TimeSpan pause = backoff.Next();
            Assert.InRange(pause, TimeSpan.FromSeconds(0.1), bound);
            longest = pause > longest ? pause : longest;
            bound = bound * 2 < TimeSpan.FromSeconds(60) ? bound * 2 : TimeSpan.FromSeconds(60);
        }
        Assert.InRange(longest, TimeSpan.FromSeconds(50), TimeSpan.FromSeconds(60));
        backoff.Reset();
        Assert.InRange(backoff.Next(), TimeSpan.FromSeconds(0.1), TimeSpan.FromSeconds(1));
    }

    private static bool Reaches(SyncState from, SyncState goal)
    {
        var seen = new HashSet<SyncState> { from };
        var left = new Queue<SyncState>(seen);
        while (left.TryDequeue(out SyncState state))
            foreach (((SyncState start, ForwarderEvent _), SyncState to) in ForwarderTransitions.Table)
                if (start == state && state != SyncState.Stopped && seen.Add(to)) left.Enqueue(to);
        return seen.Contains(goal);
    }
}
