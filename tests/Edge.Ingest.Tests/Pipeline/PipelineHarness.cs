using System.Buffers;
using System.Text;
using Edge.Log;
using Edge.Log.Commit;
using Edge.Log.Records;
using Edge.Log.Topics;
using Edge.Testing.Storage;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Edge.Ingest.Tests.Pipeline;

/// <summary>A pipeline over a journal on a simulated disk.</summary>
internal sealed class PipelineHarness : IAsyncDisposable
{
    public PipelineHarness(IngestOptions? options = null, bool start = true)
    {
        Journal = Journal.Open(Disk, LogOptions, TimeProvider.System, NullLogger.Instance);
        if (start) Journal.Start();
        Pipeline = new IngestPipeline(Journal, options ?? new IngestOptions());
    }

    public static LogOptions LogOptions => new() { SegmentBytes = 8 << 20, MaxBytes = 1L << 30, MinFreeBytes = 0 };

    public SimulatedDisk Disk { get; } = new(1);
    public Journal Journal { get; }
    public IngestPipeline Pipeline { get; }

    public async Task<Topic> CreateTopicAsync(string name = "t", int partitions = 1)
    {
        TopicChange change = await Journal.Topics.CreateAsync(name, partitions, new TopicConfig()).WaitAsync(Deadline);
        Assert.Equal(TopicChangeStatus.Ok, change.Status);
        return change.Topic!;
    }

    public static TimeSpan Deadline => TimeSpan.FromSeconds(30);

    /// <summary>Every record of a partition up to the high watermark: offset, key and value as text.</summary>
    public static List<(long Offset, string? Key, string? Value)> Read(Partition partition)
    {
        List<(long, string?, string?)> records = [];
        ArrayBufferWriter<byte> buffer = new();
        for (long offset = partition.LogStartOffset; offset < partition.HighWatermark;)
        {
            buffer.ResetWrittenCount();
            ReadResult read = partition.Read(offset, 1 << 20, true, buffer);
            Assert.Equal(ReadStatus.Ok, read.Status);
            ReadOnlySpan<byte> bytes = buffer.WrittenSpan;
            while (bytes.Length > 0)
            {
                Assert.Equal(BatchReadStatus.Ok, RecordBatchHeader.TryRead(bytes, 1 << 24, out RecordBatchHeader header));
                RecordEnumerator each = RecordEnumerator.OverBatch(bytes);
                while (each.MoveNext()) records.Add((each.Current.Offset, each.Current.HasKey ? Encoding.UTF8.GetString(each.Current.Key) : null, each.Current.HasValue ? Encoding.UTF8.GetString(each.Current.Value) : null));
                Assert.False(each.IsMalformed);
                bytes = bytes[header.SizeBytes..];
            }
            offset = read.NextOffset;
        }
        return records;
    }

    public async ValueTask DisposeAsync()
    {
        await Pipeline.DisposeAsync();
        await Journal.DisposeAsync();
    }
}
