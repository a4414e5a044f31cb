using System.Text;
using Edge.CloudSync.Cursors;
using Xunit;

namespace Edge.CloudSync.Tests.Cursors;

public sealed class CursorTrackerTests
{
    // Goal: the cursor is always the end of the contiguous confirmed prefix. Method: random sends, skips and confirmations in any order against a plain list.
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(20261125)]
    public void Confirm_InAnyOrder_MovesOverTheContiguousPrefixOnly(int seed)
    {
        var random = new Random(seed);
        var tracker = new CursorTracker(100, 99);
        var sent = new List<(long Number, long Offset, long Next, long Sequence, bool Done)>(); // model, in order
        long offset = 100, sequence = 5;
        for (int step = 0; step < 20_000; step++)
        {
            int kind = random.Next(4);
            if (kind == 0) { sent.Add((tracker.Add(offset, sequence), offset, offset + 1, sequence, false)); offset++; }
            else if (kind == 1 && random.Next(4) == 0) { offset += random.Next(1, 5); tracker.Skip(offset); sent.Add((-1, -1, offset, 0, true)); sequence++; }
            else if (sent.FindAll(entry => !entry.Done) is { Count: > 0 } open)
            {
                int at = sent.IndexOf(open[random.Next(open.Count)]);
                tracker.Confirm(sent[at].Number);
                sent[at] = sent[at] with { Done = true };
            }
            if (sent.Count > 200) sent.RemoveRange(0, Math.Max(0, sent.FindIndex(entry => !entry.Done) - 50));
            long next = 100, previous = 99;
            foreach (var entry in sent.TakeWhile(entry => entry.Done)) { next = entry.Next; previous = entry.Offset >= 0 ? entry.Offset : previous; }
            if (sent.Count > 0 && sent[0].Done)
            {
                Assert.True(next == tracker.Next, $"seed {seed} step {step}: {tracker.Next} instead of {next}");
                if (sent.TakeWhile(entry => entry.Done).Any(entry => entry.Offset >= 0)) Assert.Equal(previous, tracker.Previous);
            }
            var oldest = sent.FirstOrDefault(entry => !entry.Done, (-1, -1, -1, long.MinValue, true));
            Assert.Equal(oldest.Sequence == long.MinValue ? 777 : oldest.Sequence, tracker.Read(idleSequence: 777).IngestSequence);
        }
    }

    [Fact]
    public void Confirm_AfterRewind_IgnoresLateReports()
    {
        var tracker = new CursorTracker(0, -1);
        long old = tracker.Add(0, 1);
        tracker.Rewind();
        tracker.Confirm(old);
        Assert.Equal(0, tracker.Next);
        long again = tracker.Add(0, 1);
        tracker.Confirm(old);
        Assert.Equal(0, tracker.Next);
        tracker.Confirm(again);
        Assert.Equal((1, 0), (tracker.Next, tracker.Previous));
    }

    [Fact]
    public void AddRange_Confirmed_MovesTheCursorAndIsNoLink()
    {
        var tracker = new CursorTracker(10, 9);
        tracker.Confirm(tracker.AddRange(50, 3));
        Assert.Equal((50, 9), (tracker.Next, tracker.Previous));
    }

    [Fact]
    public void RemoveLast_NotAcceptedByTheClient_LeavesNothing()
    {
        var tracker = new CursorTracker(0, -1);
        long first = tracker.Add(0, 1), second = tracker.Add(1, 1);
        tracker.RemoveLast(second);
        tracker.Confirm(first);
        Assert.Equal((1, 0, 0), (tracker.Next, tracker.Previous, tracker.InFlight));
    }

    [Fact]
    public void SyncCursor_RoundTrip_AndUnknownMembers()
    {
        var cursor = new SyncCursor(12, 11, 345, "9f3c2a17");
        Assert.Equal("""{"next":12,"previous":11,"ingestSequence":345,"log":"9f3c2a17"}""", Encoding.UTF8.GetString(cursor.ToJson()));
        Assert.True(SyncCursor.TryParse(cursor.ToJson(), out SyncCursor read));
        Assert.Equal(cursor, read);
        Assert.True(SyncCursor.TryParse("""{"later":{"a":[1]},"next":1,"previous":-1,"ingestSequence":0,"log":"x"}"""u8, out read));
        Assert.Equal(new SyncCursor(1, -1, 0, "x"), read);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("[1]")]
    [InlineData("{\"next\":\"1\"}")]
    [InlineData("{\"next\":-5,\"previous\":0}")]
    [InlineData("{\"next\":1.5}")]
    [InlineData("{\"next\":1")]
    public void SyncCursor_NotACursor_IsRefused(string json) => Assert.False(SyncCursor.TryParse(Encoding.UTF8.GetBytes(json), out _));
}
