using System.Buffers.Binary;
using System.IO.Compression;
using Edge.Log.Commit;
using Edge.Log.Records;
using Edge.Log.Storage;
using Edge.Log.Topics;
using Edge.Testing.Storage;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Edge.Log.Tests.Tools;

/// <summary>A journal filled by hand for the tools to look at, and what was put into it.</summary>
internal sealed class ToolJournal
{
    public const string Topic = "readings", Other = "events";
    private const int Partitions = 3;
    private static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeMilliseconds(1_790_000_000_000);

    private readonly Journal _journal;
    private readonly SeededRandom _random;
    private int _records;

    private ToolJournal(Journal journal, ulong seed) => (_journal, _random) = (journal, new SeededRandom(seed));

    /// <summary>Every batch that was acknowledged, in order.</summary>
    public List<(string Topic, int Partition, long BaseOffset, byte[] Bytes)> Batches { get; } = [];

    public long Records => _records;

    public string LogId => _journal.LogId;

    public Journal Journal => _journal;

    public static LogOptions Options => new() { SegmentBytes = 1 << 20, MaxBatchBytes = 256 << 10, MinFreeBytes = 0, MaxBytes = 1L << 30 };

    public static Journal Open(IDisk disk) => Journal.Open(disk, Options, new FakeTimeProvider(Now), NullLogger.Instance);

    public static ToolJournal Begin(IDisk disk, ulong seed = 1)
    {
        var made = new ToolJournal(Open(disk), seed);
        made.Drive(made._journal.Topics.CreateAsync(Topic, Partitions, new TopicConfig()));
        made.Drive(made._journal.Topics.CreateAsync(Other, 1, new TopicConfig()));
        return made;
    }

    /// <summary>A journal of that many segments, stopped.</summary>
    public static ToolJournal Make(IDisk disk, int segments = 3, ulong seed = 1)
    {
        ToolJournal made = Begin(disk, seed);
        while (made._journal.Segments.Length < segments || made.Batches.Count < 20) made.AppendRandom();
        // The last group of a journal is told from a torn tail only by something durable behind it.
        for (int i = 0; i < 8; i++) made.AppendRandom();
        made.Stop();
        return made;
    }

    public void AppendRandom()
    {
        bool isOther = _random.Chance(20);
        int records = _random.Between(1, 30), valueBytes = _random.Chance(20) ? _random.Between(500, 4000) : _random.Between(0, 120);
        Append(isOther ? Other : Topic, isOther ? 0 : _random.Next(Partitions), records, valueBytes, isGzip: _random.Chance(15));
    }

    public void Append(string topic, int partition, int records, int valueBytes, bool isGzip = false)
    {
        byte[] batch = Batch(records, valueBytes, isGzip);
        _journal.Topics.TryGet(topic, out Topic there);
        AppendResult result = Drive(_journal.AppendAsync(there.Partitions[partition], batch));
        Assert.Equal(AppendStatus.Ok, result.Status);
        _records += records;
        Batches.Add((topic, partition, result.BaseOffset, batch));
    }

    public void Stop() => _journal.DisposeAsync().AsTask().GetAwaiter().GetResult();

    public T Drive<T>(Task<T> task)
    {
        for (int i = 0; i < 1000 && !task.IsCompleted; i++)
        {
            _journal.RunCommitOnce();
            if (!task.IsCompleted) task.Wait(1);
        }
        return task.GetAwaiter().GetResult();
    }

    private byte[] Batch(int records, int valueBytes, bool isGzip)
    {
        using var builder = new RecordBatchBuilder();
        for (int i = 0; i < records; i++)
        {
            byte[] value = new byte[valueBytes];
            for (int b = 0; b < value.Length; b++) value[b] = (byte)_random.Between(32, 126);
            // Not in order of time, as devices with a clock of their own send them.
            long timestampMs = Now.ToUnixTimeMilliseconds() + (_records * 10) + _random.Between(-500, 500);
            builder.Add(timestampMs, hasKey: i % 3 != 0, i % 3 != 0 ? "sensor"u8 : [], hasValue: i % 7 != 6, i % 7 != 6 ? value : [], 1, RecordHeaders.Encode([new RecordHeader("n", [(byte)i, 0xff])]));
        }
        byte[] plain = builder.Seal().ToArray();
        return isGzip ? Gzip(plain) : plain;
    }

    private static byte[] Gzip(byte[] plain)
    {
        using var body = new MemoryStream();
        body.Write(plain.AsSpan(0, RecordBatchHeader.HeaderBytes));
        using (var gzip = new GZipStream(body, CompressionLevel.Fastest, leaveOpen: true)) gzip.Write(plain.AsSpan(RecordBatchHeader.HeaderBytes));
        byte[] batch = body.ToArray();
        BinaryPrimitives.WriteInt32BigEndian(batch.AsSpan(RecordBatchHeader.LengthAt), batch.Length - RecordBatchHeader.PrefixBytes);
        BinaryPrimitives.WriteInt16BigEndian(batch.AsSpan(RecordBatchHeader.AttributesAt), (short)CompressionCodec.Gzip);
        BinaryPrimitives.WriteUInt32BigEndian(batch.AsSpan(RecordBatchHeader.ChecksumAt), Crc32C.Compute(batch.AsSpan(RecordBatchHeader.ChecksumStart)));
        return batch;
    }
}
