using System.Buffers;
using System.Text;
using Edge.Log.Commit;
using Edge.Log.Storage;
using Edge.Log.Topics;
using Edge.Testing.Storage;
using Xunit;

namespace Edge.Ingest.Tests.Pipeline;

public sealed class GatherTests
{
    [Fact]
    public async Task TryAdd_Records_AreReadableInOrderOnceTheListenerWasTold()
    {
        await using PipelineHarness harness = new();
        Topic topic = await harness.CreateTopicAsync();
        RecordingListener listener = new();
        long group = Add(harness, topic.Partitions[0], listener, "a", "b", "c");
        Assert.True((await listener.WaitForAsync(group)).IsDurable);
        Assert.True(harness.Pipeline.DurableGroup >= group);
        Assert.Equal([(0, "k", "a"), (1, "k", "b"), (2, "k", "c")], PipelineHarness.Read(topic.Partitions[0]));
    }

    [Fact]
    public async Task Notify_ManyGroups_AreAnsweredOnceEachInOrder()
    {
        await using PipelineHarness harness = new();
        Topic topic = await harness.CreateTopicAsync();
        RecordingListener listener = new();
        SortedSet<long> groups = [];
        long last = 0;
        for (int i = 0; i < 500; i++)
        {
            long group = AddOne(harness, topic.Partitions[0], listener, $"v{i}", groups);
            Assert.True(group == last || group > last);
            last = group;
        }
        foreach (long group in groups) await listener.WaitForAsync(group);
        List<long> answered = [.. listener.Answers.Select(a => a.Group)];
        Assert.Equal(groups, answered);
        Assert.Equal(Enumerable.Range(0, 500).Select(i => $"v{i}"), PipelineHarness.Read(topic.Partitions[0]).Select(r => r.Value!));
    }

    [Fact]
    public async Task Put_WithARecord_IsThereWhenTheRecordIs()
    {
        await using PipelineHarness harness = new();
        Topic topic = await harness.CreateTopicAsync();
        KeyedTable table = harness.Journal.GetTable("__mqtt_retained");
        RecordingListener listener = new();
        long group = AddWithPut(harness, topic.Partitions[0], table, listener);
        Assert.True((await listener.WaitForAsync(group)).IsDurable);
        Assert.True(table.TryGet("topic", out ReadOnlyMemory<byte> value));
        Assert.Equal("value"u8.ToArray(), value.ToArray());
    }

    [Fact]
    public async Task TryAdd_ValueInPieces_IsStoredWhole()
    {
        await using PipelineHarness harness = new();
        Topic topic = await harness.CreateTopicAsync();
        RecordingListener listener = new();
        long group = AddSequence(harness, topic.Partitions[0], listener, "one, two"u8.ToArray());
        Assert.True((await listener.WaitForAsync(group)).IsDurable);
        Assert.Equal([(0, null, "one, two")], PipelineHarness.Read(topic.Partitions[0]));
    }

    [Fact]
    public async Task TryAdd_RecordOverTheLimit_IsTooLargeAndLeavesNothing()
    {
        await using PipelineHarness harness = new(new IngestOptions { MaxRecordBytes = 1024 });
        Topic topic = await harness.CreateTopicAsync();
        RecordingListener listener = new();
        Assert.Equal(IngestStatus.TooLarge, TryAdd(harness, topic.Partitions[0], new byte[1025]));
        long group = Add(harness, topic.Partitions[0], listener, "fits");
        Assert.True((await listener.WaitForAsync(group)).IsDurable);
        Assert.Equal("fits", Assert.Single(PipelineHarness.Read(topic.Partitions[0])).Value);
    }

    // Goal: bytes in flight are bounded and room comes back. Method: the disk holds the first sync back.
    [Fact]
    public async Task TryAdd_MoreThanMayBeInFlight_IsBusyUntilACommit()
    {
        using ManualResetEventSlim gate = new();
        await using PipelineHarness harness = new(new IngestOptions { MaxInFlightBytes = 2 << 20 });
        Topic topic = await harness.CreateTopicAsync();
        harness.Disk.BeforeOperation = (_, operation) => { if (operation == DiskOperations.Sync) gate.Wait(PipelineHarness.Deadline); };
        int added = 0;
        IngestStatus status;
        while ((status = TryAdd(harness, topic.Partitions[0], new byte[50_000])) == IngestStatus.Ok && added < 1000) added++;
        Assert.Equal(IngestStatus.Busy, status);
        Assert.InRange(added, 5, 80);
        Assert.InRange(harness.Pipeline.InFlightBytes, 1, 3 << 20);
        Task room = harness.Pipeline.WaitForRoomAsync(CancellationToken.None).AsTask();
        gate.Set();
        await room.WaitAsync(PipelineHarness.Deadline);
        Assert.Equal(IngestStatus.Ok, TryAdd(harness, topic.Partitions[0], new byte[50_000]));
        await WaitUntilAsync(() => harness.Pipeline.InFlightBytes == 0);
        Assert.Equal(added + 1, PipelineHarness.Read(topic.Partitions[0]).Count);
    }

    [Fact]
    public async Task Notify_DiskFailsForGood_IsToldFencedAndNothingIsAccepted()
    {
        await using PipelineHarness harness = new();
        Topic topic = await harness.CreateTopicAsync();
        RecordingListener listener = new();
        await listener.WaitForAsync(Add(harness, topic.Partitions[0], listener, "before"));
        harness.Disk.Faults.Add(new FaultRule(DiskOperations.Sync | DiskOperations.Write, 1, Errno.Io, ForGood: true));
        CommitOutcome outcome = await listener.WaitForAsync(Add(harness, topic.Partitions[0], listener, "after"));
        Assert.Equal(AppendStatus.Fenced, outcome.Status);
        Assert.NotNull(outcome.Fault);
        Assert.Equal("before", Assert.Single(PipelineHarness.Read(topic.Partitions[0])).Value);
        await WaitUntilAsync(() => TryAdd(harness, topic.Partitions[0], new byte[10]) == IngestStatus.Fenced);
        await WaitUntilAsync(() => harness.Pipeline.InFlightBytes == 0);
    }

    // Goal: from many threads nothing is lost, doubled or reordered within a thread.
    [Fact]
    public async Task TryAdd_ManyThreads_KeepsEachThreadsOrder()
    {
        const int threads = 4, perThread = 5_000;
        await using PipelineHarness harness = new();
        Topic topic = await harness.CreateTopicAsync(partitions: 3);
        RecordingListener listener = new();
        long[] last = new long[threads];
        await Task.WhenAll(Enumerable.Range(0, threads).Select(thread => Task.Run(async () =>
        {
            for (int i = 0; i < perThread; i++)
            {
                while (AddOf(harness, topic.Partitions[thread % 3], listener, $"{thread}:{i}", out last[thread]) == IngestStatus.Busy)
                    await harness.Pipeline.WaitForRoomAsync(CancellationToken.None);
            }
        })));
        await WaitUntilAsync(() => harness.Pipeline.DurableGroup >= last.Max());
        Dictionary<string, int> next = [];
        foreach (Partition partition in topic.Partitions)
        {
            long offset = 0;
            foreach ((long at, _, string? value) in PipelineHarness.Read(partition))
            {
                Assert.Equal(offset++, at);
                string[] parts = value!.Split(':');
                Assert.Equal(next.GetValueOrDefault(parts[0]), int.Parse(parts[1]));
                next[parts[0]] = int.Parse(parts[1]) + 1;
            }
        }
        Assert.Equal(threads, next.Count);
        Assert.All(next.Values, count => Assert.Equal(perThread, count));
    }

    private static long Add(PipelineHarness harness, Partition partition, ICommitListener listener, params string[] values)
    {
        using Gather gather = harness.Pipeline.EnterGather();
        foreach (string value in values) Assert.Equal(IngestStatus.Ok, gather.TryAdd(partition, 5, true, "k"u8, true, Encoding.UTF8.GetBytes(value), 0, default));
        gather.Notify(listener);
        return gather.Group;
    }

    private static long AddOne(PipelineHarness harness, Partition partition, ICommitListener listener, string value, SortedSet<long> groups)
    {
        using Gather gather = harness.Pipeline.EnterGather();
        Assert.Equal(IngestStatus.Ok, gather.TryAdd(partition, 5, true, "k"u8, true, Encoding.UTF8.GetBytes(value), 0, default));
        if (groups.Add(gather.Group)) gather.Notify(listener);
        return gather.Group;
    }

    private static IngestStatus AddOf(PipelineHarness harness, Partition partition, ICommitListener listener, string value, out long group)
    {
        using Gather gather = harness.Pipeline.EnterGather();
        IngestStatus status = gather.TryAdd(partition, 5, true, "k"u8, true, Encoding.UTF8.GetBytes(value), 0, default);
        group = gather.Group;
        return status;
    }

    private static IngestStatus TryAdd(PipelineHarness harness, Partition partition, byte[] value)
    {
        using Gather gather = harness.Pipeline.EnterGather();
        return gather.TryAdd(partition, 5, false, default, true, value, 0, default);
    }

    private static long AddSequence(PipelineHarness harness, Partition partition, ICommitListener listener, byte[] value)
    {
        Piece first = new(value.AsMemory(0, 3)), last = first.Append(value.AsMemory(3));
        using Gather gather = harness.Pipeline.EnterGather();
        Assert.Equal(IngestStatus.Ok, gather.TryAdd(partition, 5, false, default, new ReadOnlySequence<byte>(first, 0, last, last.Memory.Length), 0, default));
        gather.Notify(listener);
        return gather.Group;
    }

    private static long AddWithPut(PipelineHarness harness, Partition partition, KeyedTable table, ICommitListener listener)
    {
        using Gather gather = harness.Pipeline.EnterGather();
        Assert.Equal(IngestStatus.Ok, gather.TryAdd(partition, 5, false, default, true, "v"u8, 0, default));
        gather.Put(table, "topic"u8.ToArray(), "value"u8.ToArray());
        gather.Notify(listener);
        return gather.Group;
    }

    private static async Task WaitUntilAsync(Func<bool> condition)
    {
        long deadline = Environment.TickCount64 + (long)PipelineHarness.Deadline.TotalMilliseconds;
        while (!condition())
        {
            Assert.True(Environment.TickCount64 < deadline, "The condition did not become true in time.");
            await Task.Delay(5);
        }
    }

    private sealed class Piece : ReadOnlySequenceSegment<byte>
    {
        public Piece(ReadOnlyMemory<byte> memory) => Memory = memory;

        public Piece Append(ReadOnlyMemory<byte> memory)
        {
            Piece next = new(memory) { RunningIndex = RunningIndex + Memory.Length };
            Next = next;
            return next;
        }
    }
}
