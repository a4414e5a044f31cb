using System.Text;
using Edge.Hardware.Tests.Sampling;
using Edge.Ingest;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Edge.Hardware.Tests;

public sealed class SensorHostTests : IDisposable
{
    private readonly FakeTimeProvider _time = new(DateTimeOffset.FromUnixTimeMilliseconds(1795413600123));
    private readonly FakeSink _sink = new();
    private readonly FakeSensor _sensor = new();

    [Fact]
    public async Task Start_OneSensor_MakesOneRecordAReading()
    {
        await using SensorHost host = Host(new SensorOptions { Name = "attic", Topic = "climate", Key = "{sensor}/{metric}" });
        await host.StartAsync(CancellationToken.None);
        await UntilAsync(() => host.Status[0].Published == 1, "first reading, without waiting for an interval");
        IngestRecord record = _sink.Records[0];
        Assert.Equal(("climate", "attic/count", "attic", 1795413600123), (record.Topic, Encoding.UTF8.GetString(record.Key!), record.Source, record.TimestampMs));
        Assert.Equal("""[{"bn":"edge-t/attic/","n":"count","u":"count","v":1,"t":1795413600.123}]""", Encoding.UTF8.GetString(record.Value!));
        Assert.Equal(("content-type", "application/senml+json"), (record.Headers[0].Name, Encoding.UTF8.GetString(record.Headers[0].Value!)));
        Assert.Single(record.Headers);
    }

    [Fact]
    public async Task Sample_ManyIntervals_OneReadingEachNoneMissed()
    {
        await using SensorHost host = Host(new SensorOptions());
        await host.StartAsync(CancellationToken.None);
        for (int i = 1; i <= 20; i++)
        {
            int wanted = i;
            await UntilAsync(() => host.Status[0].Published == wanted, $"reading {wanted}", () => { if (host.Status[0].Published == wanted - 1 && _sensor.Reads == wanted - 1) _time.Advance(TimeSpan.FromMilliseconds(100)); });
        }
        Assert.Equal((20L, 0L, 0L, 0L), (host.Status[0].Reads, host.Status[0].Missed, host.Status[0].Faults, host.Status[0].Dropped));
        long[] times = [.. _sink.Records.Select(r => r.TimestampMs!.Value)];
        Assert.InRange(times[^1] - 1795413600123, 19_000, 19_000 + 3000); // the grid, not the sum of delays; it begins when the sampler does
    }

    [Fact]
    public async Task Sample_SensorFailsAndComesBack_IsReopenedWithBackOff()
    {
        _sensor.IsMissing = true;
        await using SensorHost host = Host(new SensorOptions());
        await host.StartAsync(CancellationToken.None);
        await UntilAsync(() => host.Status[0].Faults == 5, "five failures", () => _time.Advance(TimeSpan.FromMilliseconds(250)));
        Assert.True(_time.GetUtcNow().ToUnixTimeMilliseconds() - 1795413600123 >= 1000 + 2000 + 4000 + 8000, "the pause must grow");
        Assert.False(host.Status[0].IsHealthy);
        Assert.Equal("Sensor 'fake': there is no device", host.Status[0].LastError);
        Assert.Equal(0, _sensor.Reads);
        _sensor.IsMissing = false;
        await UntilAsync(() => host.Status[0].Published > 0, "reading after it came back", () => _time.Advance(TimeSpan.FromSeconds(1)));
        Assert.True(host.Status[0].IsHealthy);
        Assert.Equal(_sensor.Opens - 1, _sensor.Disposals);
    }

    [Fact]
    public async Task Sample_OneSensorMissingOneHanging_TheThirdGoesOn()
    {
        var missing = new FakeSensor { IsMissing = true };
        using var hang = new ManualResetEventSlim();
        var hanging = new FakeSensor { Hang = hang };
        await using var host = new SensorHost(
            [(new() { Name = "missing" }, missing), (new() { Name = "hanging" }, hanging), (new() { Name = "good" }, _sensor)], _sink, _time, NullLoggerFactory.Instance);
        await host.StartAsync(CancellationToken.None);
        await UntilAsync(() => host.Status[2].Published >= 10 && host.Status[1].Faults >= 1, "readings of the good one", () => _time.Advance(TimeSpan.FromMilliseconds(500)));
        Assert.All(_sink.Records, r => Assert.Equal("good", r.Source));
        Assert.Contains("no answer within 5 s", host.Status[1].LastError, StringComparison.Ordinal);
        Assert.Equal(1, hanging.Reads); // no second thread goes after the first
        hang.Set();
    }

    [Fact]
    public async Task Sample_OnePartFaulty_OthersArePublishedAndItIsCounted()
    {
        _sensor.HasFaultyPart = true;
        await using SensorHost host = Host(new SensorOptions());
        await host.StartAsync(CancellationToken.None);
        await UntilAsync(() => host.Status[0].Published == 1, "published");
        SensorStatus status = host.Status[0];
        Assert.Equal((1L, true, "part: checksum does not match"), (status.Faults, status.IsHealthy, status.LastError));
        Assert.Equal(["count", "part"], status.Values.Select(v => v.Metric));
        Assert.Single(_sink.Records);
    }

    // Goal: while the disk stalls, samples go on, one reading waits, and every other is counted. Method: a submission that does not complete until told.
    [Fact]
    public async Task Sample_IngestStalls_KeepsTheNewestAndCountsTheRest()
    {
        _sink.Stall = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using SensorHost host = Host(new SensorOptions());
        await host.StartAsync(CancellationToken.None);
        await UntilAsync(() => _sink.Submissions == 1, "first submission");
        await UntilAsync(() => host.Status[0].Reads >= 10, "samples go on", () => _time.Advance(TimeSpan.FromMilliseconds(500)));
        Assert.Equal(1, _sink.Submissions);
        TaskCompletionSource stall = _sink.Stall;
        _sink.Stall = null;
        stall.SetResult();
        await UntilAsync(() => host.Status[0] is { Published: >= 2 } s && s.Reads == s.Published + s.Dropped, "the newest is published and every reading is accounted for");
        Assert.True(host.Status[0].Dropped >= 8);
        Assert.Contains($"\"v\":{_sensor.Reads},", Encoding.UTF8.GetString(_sink.Records[^1].Value!), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(IngestStatus.Busy)]
    [InlineData(IngestStatus.LogFull)]
    [InlineData(IngestStatus.Fenced)]
    public async Task Sample_IngestRefusesForAWhile_TheNewestIsPublishedLater(IngestStatus answer)
    {
        _sink.Answer = answer;
        await using SensorHost host = Host(new SensorOptions());
        await host.StartAsync(CancellationToken.None);
        await UntilAsync(() => host.Status[0].Reads >= 5, "samples go on", () => _time.Advance(TimeSpan.FromMilliseconds(500)));
        Assert.Contains(answer.ToString(), host.Status[0].LastError, StringComparison.Ordinal);
        Assert.Equal(0, host.Status[0].Published);
        _sink.Answer = IngestStatus.Ok;
        await UntilAsync(() => host.Status[0].Published >= 1, "published", () => _time.Advance(TimeSpan.FromMilliseconds(100)));
        Assert.True(host.Status[0].Dropped >= 3);
    }

    [Fact]
    public async Task Sample_IngestRefusesForEver_DropsAndCounts()
    {
        _sink.Answer = IngestStatus.InvalidTopic;
        await using SensorHost host = Host(new SensorOptions());
        await host.StartAsync(CancellationToken.None);
        await UntilAsync(() => host.Status[0].Dropped == 1, "dropped");
        Assert.Equal(1, _sink.Submissions);
    }

    [Fact]
    public async Task ReadOnce_NotStarted_ReadsWithoutPublishing()
    {
        await using SensorHost host = Host(new SensorOptions());
        Assert.Equal(1, Assert.Single(await host.ReadOnceAsync("HOST")).Value);
        Assert.Equal(1, host.Status[0].Reads);
        Assert.Equal(0, _sink.Submissions);
    }

    [Fact]
    public async Task ReadOnce_FailsOrIsUnknown_SaysWhich()
    {
        await using SensorHost host = Host(new SensorOptions());
        Assert.Contains("configured: host", (await Assert.ThrowsAsync<KeyNotFoundException>(() => host.ReadOnceAsync("attic"))).Message, StringComparison.Ordinal);
        _sensor.FailsToRead = true;
        SensorException failure = await Assert.ThrowsAsync<SensorException>(() => host.ReadOnceAsync("host"));
        Assert.Contains("bus error", failure.Message, StringComparison.Ordinal);
        Assert.Equal(1, _sensor.Disposals);
    }

    [Fact]
    public async Task Stop_ReadingNotYetPublished_IsPublishedFirst()
    {
        _sink.Stall = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using SensorHost host = Host(new SensorOptions());
        await host.StartAsync(CancellationToken.None);
        await UntilAsync(() => _sink.Submissions == 1, "submission");
        Task stopping = host.StopAsync(CancellationToken.None);
        Assert.False(stopping.IsCompleted);
        _sink.Stall.SetResult();
        await stopping.WaitAsync(TimeSpan.FromSeconds(20));
        Assert.Single(_sink.Records);
    }

    [Fact]
    public async Task Stop_IngestNeverAnswers_EndsAfterItsTimeout()
    {
        _sink.Stall = new TaskCompletionSource();
        await using SensorHost host = Host(new SensorOptions());
        await host.StartAsync(CancellationToken.None);
        await UntilAsync(() => _sink.Submissions == 1, "submission");
        Task stopping = host.StopAsync(CancellationToken.None);
        await UntilAsync(() => stopping.IsCompleted, "stopped", () => _time.Advance(TimeSpan.FromSeconds(1)));
        await stopping;
    }

    [Fact]
    public void Create_WrongOptions_NamesAllProblems()
    {
        var error = Assert.Throws<SensorConfigurationException>(() => new SensorHost(new SensorOptions[] { new() { Driver = "x" }, new() { Name = "" } }, null!, _time, NullLoggerFactory.Instance));
        Assert.Equal(2, error.Problems.Count);
    }

    public void Dispose() => _sensor.Dispose();

    private SensorHost Host(SensorOptions options) => new([(options, _sensor)], _sink, _time, NullLoggerFactory.Instance);

    private static async Task UntilAsync(Func<bool> condition, string what, Action? betweenPolls = null)
    {
        for (long end = Environment.TickCount64 + 20_000; !condition();)
        {
            if (Environment.TickCount64 > end) throw new TimeoutException($"not within 20 s: {what}");
            betweenPolls?.Invoke();
            await Task.Delay(5);
        }
    }
}
