using Edge.Hardware.Sampling;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Edge.Hardware.Tests.Sampling;

public sealed class ScheduleTests
{
    // Goal: readings that each take a little do not push the later ones back. Method: a thousand readings of 30 to 900 ms on a clock of our own.
    [Fact]
    public void Due_ReadingsTakeTime_StaysOnTheGrid()
    {
        var time = new FakeTimeProvider();
        DateTimeOffset start = time.GetUtcNow();
        var schedule = new Schedule(time, TimeSpan.FromSeconds(1));
        for (int i = 0; i < 1000; i++)
        {
            time.Advance(schedule.Due > TimeSpan.Zero ? schedule.Due : TimeSpan.Zero);
            Assert.Equal(TimeSpan.FromSeconds(i), time.GetUtcNow() - start);
            time.Advance(TimeSpan.FromMilliseconds(30 + (i * 7 % 870)));
            schedule.Advance();
        }
        Assert.Equal(0, schedule.Missed);
    }

    [Fact]
    public void Advance_ReadingTookThreeIntervals_SkipsAndCounts()
    {
        var time = new FakeTimeProvider();
        var schedule = new Schedule(time, TimeSpan.FromSeconds(1));
        time.Advance(TimeSpan.FromSeconds(3.4));
        schedule.Advance();
        Assert.Equal(3, schedule.Missed); // slots 1, 2 and 3
        Assert.Equal(TimeSpan.FromSeconds(0.6), schedule.Due);
    }

    [Fact]
    public void AdvanceAfter_Pause_GoesOnOnTheGridAndMissesNothing()
    {
        var time = new FakeTimeProvider();
        var schedule = new Schedule(time, TimeSpan.FromSeconds(10));
        time.Advance(TimeSpan.FromSeconds(1));
        schedule.AdvanceAfter(TimeSpan.FromSeconds(16));
        Assert.Equal(TimeSpan.FromSeconds(19), schedule.Due);
        Assert.Equal(0, schedule.Missed);
    }
}
