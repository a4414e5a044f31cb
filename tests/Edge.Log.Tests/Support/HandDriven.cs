using System.Buffers;
using Edge.Log.Commit;
using Edge.Log.Records;
using Edge.Log.Storage;
using Edge.Log.Topics;
using Edge.Testing.Storage;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Edge.Log.Tests.Support;

/// <summary>A journal of tiny segments on a simulated disk, stepped by hand: no thread, no timer, no real time.</summary>
internal sealed class HandDriven
{
    public HandDriven(LogOptions? options = null, SimulatedDisk? disk = null)
    {
        Disk = disk ?? new SimulatedDisk(1);
        Options = options ?? Tiny();
        Journal = Journal.Open(Disk, Options, Time, NullLogger.Instance);
    }

    public FakeTimeProvider Time { get; } = new(DateTimeOffset.FromUnixTimeMilliseconds(1_790_000_000_000));
    public SimulatedDisk Disk { get; private set; }
    public LogOptions Options { get; }
    public Journal Journal { get; private set; }

    public static LogOptions Tiny(long maxBytes = 1L << 30) => new()
    {
        AllowTinySegments = true, SegmentBytes = 64 << 10, MaxBatchBytes = 16 << 10, MaxGroupBytes = 16 << 10, MaxBytes = maxBytes, MinFreeBytes = 0,
    };

    public Topic Create(string name, int partitions = 1, TopicConfig? config = null)
    {
        TopicChange change = Drive(Journal.Topics.CreateAsync(name, partitions, config ?? new TopicConfig { RetentionMs = -1 }));
        Assert.Equal(TopicChangeStatus.Ok, change.Status);
        return change.Topic!;
    }

    /// <summary>One batch of one record; the status and offset it got.</summary>
    public AppendResult Append(Partition partition, int valueBytes = 1000, string? key = null, byte fill = 7, bool tombstone = false)
    {
        using var builder = new RecordBatchBuilder();
        byte[] value = new byte[valueBytes];
        value.AsSpan().Fill(fill);
        builder.Add(Time.GetUtcNow().ToUnixTimeMilliseconds(), key is not null, key is null ? default : System.Text.Encoding.UTF8.GetBytes(key), !tombstone, tombstone ? default : value, 0, default);
        return Append(partition, builder.Seal().ToArray());
    }

    public AppendResult Append(Partition partition, byte[] batch) => Drive(Journal.AppendAsync(partition, batch));

    /// <summary>Appends until the journal has that many segments.</summary>
    public void FillTo(int segments, params Partition[] partitions)
    {
        for (int i = 0; Journal.Segments.Length < segments; i++)
            Assert.Equal(AppendStatus.Ok, Append(partitions[i % partitions.Length], 4000).Status);
    }

    public void Retain()
    {
        Journal.ApplyRetention();
        while (Journal.RunCommitOnce()) { }
    }

    /// <summary>Power cut with only what was synced, then a restart.</summary>
    public void Cut(CrashVariant variant = CrashVariant.NothingKept)
    {
        Disk = Disk.Snapshot().Restore(variant, 3);
        Journal = Journal.Open(Disk, Options, Time, NullLogger.Instance);
    }

    public void Reopen() => Journal = Journal.Open(Disk, Options, Time, NullLogger.Instance);

    public void StopAndReopen()
    {
        Drive(Journal.DisposeAsync().AsTask().ContinueWith(_ => true, TaskScheduler.Default));
        Reopen();
    }

    public Partition Partition(string topic, int index = 0)
    {
        Assert.True(Journal.Topics.TryGet(topic, out Topic found));
        return found.Partitions[index];
    }

    /// <summary>Base offsets of everything a consumer reads from the log start.</summary>
    public List<long> ReadOffsets(Partition partition)
    {
        List<long> offsets = [];
        foreach ((RecordBatchHeader header, byte[] _) in ReadBatches(partition)) offsets.Add(header.BaseOffset);
        return offsets;
    }

    public List<(RecordBatchHeader Header, byte[] Bytes)> ReadBatches(Partition partition)
    {
        List<(RecordBatchHeader, byte[])> batches = [];
        ArrayBufferWriter<byte> buffer = new();
        long at = partition.LogStartOffset;
        while (at < partition.HighWatermark)
        {
            buffer.ResetWrittenCount();
            ReadResult read = partition.Read(at, 64 << 10, true, buffer);
            Assert.Equal(ReadStatus.Ok, read.Status);
            Assert.True(read.NextOffset > at, $"reading {partition} at {at} gave {read}");
            ReadOnlySpan<byte> left = buffer.WrittenSpan;
            while (left.Length > 0)
            {
                Assert.Equal(BatchReadStatus.Ok, RecordBatchHeader.TryRead(left, 1 << 20, out RecordBatchHeader header));
                batches.Add((header, left[..header.SizeBytes].ToArray()));
                left = left[header.SizeBytes..];
            }
            at = read.NextOffset;
        }
        return batches;
    }

    /// <summary>Commits until the task is answered; its continuations may need the thread pool.</summary>
    public T Drive<T>(Task<T> task)
    {
        for (int i = 0; i < 2000 && !task.IsCompleted; i++)
        {
            if (!Journal.RunCommitOnce() && !task.IsCompleted) task.Wait(TimeSpan.FromMilliseconds(Math.Min(i / 10, 5)));
        }
        Assert.True(task.IsCompleted, "not answered within 2000 commits");
        return task.GetAwaiter().GetResult();
    }
}
