using System.Buffers;
using System.Text;
using Edge.Log.Commit;
using Edge.Log.Records;
using Edge.Log.Storage;
using Edge.Log.Topics;
using Edge.Testing.Storage;
using Xunit;

namespace Edge.Ingest.Tests.Pipeline;

public sealed class SubmitTests
{
    [Fact]
    public async Task SubmitAsync_Completed_IsDurable()
    {
        await using PipelineHarness harness = new();
        IngestResult result = await Submit(harness, "t", "key", "value");
        Assert.Equal((IngestStatus.Ok, "t", 0L), (result.Status, result.Topic, result.Offset));
        // What was answered must survive a power cut that keeps nothing un-synced.
        SimulatedDisk after = harness.Disk.Snapshot().Restore(CrashVariant.NothingKept, 1);
        await using Edge.Log.Journal recovered = Edge.Log.Journal.Open(after, PipelineHarness.LogOptions, TimeProvider.System, Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance);
        Assert.True(recovered.Topics.TryGet("t", out Topic topic));
        Assert.Equal([(0, "key", "value")], PipelineHarness.Read(topic.Partitions[result.Partition]));
    }

    [Fact]
    public async Task SubmitAsync_Key_GoesToThePartitionJavaWouldChoose()
    {
        await using PipelineHarness harness = new();
        await harness.CreateTopicAsync("t", 7);
        foreach (string key in (string[])["21", "foobar", "abc", "a-little-bit-long-string"])
        {
            IngestResult result = await Submit(harness, "t", key, "v");
            Assert.Equal(Murmur2.Partition(Encoding.UTF8.GetBytes(key), 7), result.Partition);
        }
    }

    [Fact]
    public async Task SubmitAsync_NoKey_StaysOnOnePartitionPerSource()
    {
        await using PipelineHarness harness = new();
        await harness.CreateTopicAsync("t", 7);
        HashSet<int> partitions = [];
        for (int i = 0; i < 10; i++)
        {
            IngestResult result = await harness.Pipeline.SubmitAsync(new IngestRecord { Topic = "t", Value = [1], Source = "sensor" }, CancellationToken.None).AsTask().WaitAsync(PipelineHarness.Deadline);
            Assert.Equal(i, result.Offset);
            partitions.Add(result.Partition);
        }
        Assert.Single(partitions);
    }

    [Fact]
    public async Task SubmitAsync_TimestampInTheFuture_IsClampedAndKeptInAHeader()
    {
        await using PipelineHarness harness = new();
        long future = DateTimeOffset.UtcNow.AddDays(400).ToUnixTimeMilliseconds();
        IngestResult result = await harness.Pipeline.SubmitAsync(new IngestRecord { Topic = "t", Value = [1], TimestampMs = future }, CancellationToken.None).AsTask().WaitAsync(PipelineHarness.Deadline);
        Assert.Equal(IngestStatus.Ok, result.Status);
        Assert.True(harness.Journal.Topics.TryGet("t", out Topic topic));
        ArrayBufferWriter<byte> buffer = new();
        topic.Partitions[result.Partition].Read(0, 1 << 20, true, buffer);
        RecordEnumerator records = RecordEnumerator.OverBatch(buffer.WrittenSpan);
        Assert.True(records.MoveNext());
        Assert.True(records.Current.TimestampMs <= DateTimeOffset.UtcNow.ToUnixTimeMilliseconds());
        Assert.True(records.Current.TryGetHeader("edge.time"u8, out ReadOnlySpan<byte> kept));
        Assert.Equal(future.ToString(), Encoding.UTF8.GetString(kept));
    }

    [Fact]
    public async Task SubmitAsync_TooLarge_IsRefused()
    {
        await using PipelineHarness harness = new(new IngestOptions { MaxRecordBytes = 1024 });
        Assert.Equal(IngestStatus.TooLarge, (await Submit(harness, "t", "k", new string('x', 1024))).Status);
    }

    [Theory]
    [InlineData("no/slash", true)]
    [InlineData("", true)]
    [InlineData("..", true)]
    [InlineData("fine", false)]
    public async Task SubmitAsync_TopicNotPossibleOrNotAllowed_IsInvalidTopic(string topic, bool autoCreate)
    {
        await using PipelineHarness harness = new(new IngestOptions { AutoCreateTopics = autoCreate });
        Assert.Equal(IngestStatus.InvalidTopic, (await Submit(harness, topic, "k", "v")).Status);
        Assert.DoesNotContain(harness.Journal.Topics.All, t => !t.IsInternal);
    }

    [Fact]
    public async Task SubmitAsync_JournalFenced_IsRefused()
    {
        await using PipelineHarness harness = new();
        await harness.CreateTopicAsync();
        harness.Disk.Faults.Add(new FaultRule(DiskOperations.Sync | DiskOperations.Write, 1, Errno.Io, ForGood: true));
        Assert.Equal(IngestStatus.Fenced, (await Submit(harness, "t", "k", "v")).Status);
        Assert.Equal(IngestStatus.Fenced, (await Submit(harness, "t", "k", "v")).Status);
    }

    [Fact]
    public async Task AppendBatchAsync_ReadyMadeBatches_GetConsecutiveOffsets()
    {
        await using PipelineHarness harness = new();
        Topic topic = await harness.CreateTopicAsync();
        for (int i = 0; i < 3; i++)
        {
            using RecordBatchBuilder builder = new();
            builder.Add(5, true, "k"u8, true, Encoding.UTF8.GetBytes($"a{i}"), 0, []);
            builder.Add(5, true, "k"u8, true, Encoding.UTF8.GetBytes($"b{i}"), 0, []);
            AppendResult result = await harness.Pipeline.AppendBatchAsync(topic.Partitions[0], builder.Seal().ToArray(), CancellationToken.None).AsTask().WaitAsync(PipelineHarness.Deadline);
            Assert.Equal((AppendStatus.Ok, 2L * i), (result.Status, result.BaseOffset));
        }
        Assert.Equal(["a0", "b0", "a1", "b1", "a2", "b2"], PipelineHarness.Read(topic.Partitions[0]).Select(r => r.Value!));
    }

    [Fact]
    public async Task TryAppendBatch_NoRoom_SaysSoAndKeepsTheOrderOfThoseTaken()
    {
        using var gate = new ManualResetEventSlim(); // before the harness: its stop writes too
        await using PipelineHarness harness = new(new IngestOptions { MaxInFlightBytes = 2 << 20 });
        Topic topic = await harness.CreateTopicAsync();
        harness.Disk.BeforeOperation = (_, _) => gate.Wait(PipelineHarness.Deadline); // nothing becomes durable, so nothing leaves
        using RecordBatchBuilder builder = new();
        builder.Add(5, false, default, true, new byte[900 << 10], 0, []);
        byte[] batch = builder.Seal().ToArray();
        var taken = new List<Task<AppendResult>>();
        while (harness.Pipeline.TryAppendBatch(topic.Partitions[0], batch.ToArray(), out Task<AppendResult> appended)) taken.Add(appended);
        Assert.Equal(3, taken.Count); // up to the bound, and over it by one
        gate.Set();
        await harness.Pipeline.WaitForRoomAsync(CancellationToken.None).AsTask().WaitAsync(PipelineHarness.Deadline);
        Assert.True(harness.Pipeline.TryAppendBatch(topic.Partitions[0], batch.ToArray(), out Task<AppendResult> next));
        taken.Add(next);
        AppendResult[] results = await Task.WhenAll(taken).WaitAsync(PipelineHarness.Deadline);
        Assert.Equal([0L, 1, 2, 3], results.Select(r => r.BaseOffset));
    }

    [Fact]
    public async Task GetOrCreateTopicAsync_FromManyAtOnce_MakesOne()
    {
        await using PipelineHarness harness = new(new IngestOptions { DefaultPartitions = 5 });
        Topic?[] topics = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Task.Run(async () => await harness.Pipeline.GetOrCreateTopicAsync("new", CancellationToken.None)))).WaitAsync(PipelineHarness.Deadline);
        Assert.All(topics, t => Assert.Same(topics[0], t));
        Assert.Equal(5, topics[0]!.Partitions.Count);
    }

    private static Task<IngestResult> Submit(PipelineHarness harness, string topic, string key, string value) =>
        harness.Pipeline.SubmitAsync(new IngestRecord { Topic = topic, Key = Encoding.UTF8.GetBytes(key), Value = Encoding.UTF8.GetBytes(value) }, CancellationToken.None).AsTask().WaitAsync(PipelineHarness.Deadline);
}
