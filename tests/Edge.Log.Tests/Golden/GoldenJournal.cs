using System.Globalization;
using System.IO.Compression;
using System.Buffers.Binary;
using System.Text;
using Edge.Log.Commit;
using Edge.Log.Records;
using Edge.Log.Segments;
using Edge.Log.State;
using Edge.Log.Storage;
using Edge.Log.Topics;
using Edge.Testing.Storage;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Edge.Log.Tests.Golden;

/// <summary>The small journal of which each format version keeps a copy in the checkout: two boots, two segments (the second padded), a batch of every kind.</summary>
internal static class GoldenJournal
{
    private const long TimeMs = 1_764_000_000_000;
    private const int SegmentBytes = 1 << 20;

    /// <summary>Folder of the format that this version writes; segments end where their data ends.</summary>
    public static string Current { get; } = string.Create(CultureInfo.InvariantCulture, $"journal-{SegmentHeader.FormatVersion}-state-{StateSnapshot.FormatVersion}");

    /// <summary>Folders of all formats that must be read, oldest first.</summary>
    public static IEnumerable<string> All(string root) => Directory.GetDirectories(Path.Combine(root, "Golden"), "journal-*").Select(static d => Path.GetFileName(d)).Order(StringComparer.Ordinal);

    /// <summary>What every version must read from it, a line a record.</summary>
    public static IReadOnlyList<string> Expected { get; } = [.. Batches().SelectMany(static b => b.Lines)];

    public static Journal Open(IDisk disk, int padBytes = 0) =>
        Journal.Open(disk, new LogOptions { DeviceId = "golden", SegmentBytes = SegmentBytes, MaxBatchBytes = 64 << 10, PadBytes = padBytes, MinFreeBytes = 0, MaxBytes = 1L << 30 }, new FakeTimeProvider(DateTimeOffset.FromUnixTimeMilliseconds(TimeMs)), NullLogger.Instance);

    /// <summary>Writes it as this version writes it.</summary>
    public static void Write(IDisk disk)
    {
        Journal journal = Open(disk);
        Drive(journal, journal.Topics.CreateAsync("readings", 2, new TopicConfig { RetentionMs = -1 }));
        Drive(journal, journal.Topics.CreateAsync("gone", 1, new TopicConfig()));
        Append(journal, Batches().Take(4));
        Drive(journal, journal.Topics.DeleteAsync("gone"));
        Drive(journal, journal.GetTable("__golden").PutAsync("key", "value"u8.ToArray()));
        journal.DisposeAsync().AsTask().GetAwaiter().GetResult();
        journal = Open(disk, padBytes: 4096); // begins a segment of its own
        Append(journal, Batches().Skip(4));
        journal.DisposeAsync().AsTask().GetAwaiter().GetResult();
    }

    /// <summary>The copy of the checkout as a disk, segments at their full size.</summary>
    public static SimulatedDisk Load(string root, string folder)
    {
        var disk = new SimulatedDisk();
        foreach (string path in Directory.GetFiles(Path.Combine(root, "Golden", folder)))
        {
            string name = Path.GetFileName(path);
            using IDiskFile file = disk.Open(name, DiskOpenMode.CreateNew);
            file.Write(0, File.ReadAllBytes(path));
            if (name.EndsWith(".seg", StringComparison.Ordinal)) file.Truncate(SegmentBytes);
            file.Sync();
        }
        disk.SyncDirectory();
        return disk;
    }

    /// <summary>Writes a fresh copy into the checkout.</summary>
    public static void Save(SimulatedDisk disk, string root)
    {
        string folder = Directory.CreateDirectory(Path.Combine(root, "Golden", Current)).FullName;
        foreach (string old in Directory.GetFiles(folder)) File.Delete(old);
        foreach (string name in disk.List())
        {
            if (name == "segment.spare") continue;
            byte[] bytes = disk.ReadAll(name);
            int length = name.EndsWith(".seg", StringComparison.Ordinal) ? bytes.AsSpan().LastIndexOfAnyExcept((byte)0) + 1 : bytes.Length;
            File.WriteAllBytes(Path.Combine(folder, name), bytes[..length]);
        }
    }

    public static string Line(string topic, int partition, in RecordView record) => string.Create(CultureInfo.InvariantCulture,
        $"{topic}-{partition}:{record.Offset} {record.TimestampMs} {(record.HasKey ? Encoding.UTF8.GetString(record.Key) : "-")} {(record.HasValue ? Encoding.UTF8.GetString(record.Value) : "-")} {Convert.ToHexStringLower(record.EncodedHeaders)}");

    private static void Append(Journal journal, IEnumerable<(int Partition, byte[] Bytes, List<string> Lines)> batches)
    {
        foreach ((int partition, byte[] bytes, _) in batches)
        {
            journal.Topics.TryGet("readings", out Topic topic);
            Assert.Equal(AppendStatus.Ok, Drive(journal, journal.AppendAsync(topic.Partitions[partition], bytes)).Status);
        }
    }

    /// <summary>Plain, with headers and nulls, of an idempotent producer, compressed; then the same after the second start.</summary>
    private static List<(int Partition, byte[] Bytes, List<string> Lines)> Batches()
    {
        List<(int, byte[], List<string>)> batches = [];
        long[] next = [0, 0];
        for (int i = 0; i < 8; i++)
        {
            int partition = i % 2, records = i + 1;
            using var builder = new RecordBatchBuilder();
            for (int r = 0; r < records; r++)
            {
                byte[] value = Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"value {i}.{r} ü"));
                builder.Add(TimeMs + (i * 1000) + r, r % 2 == 0, r % 2 == 0 ? "key"u8 : [], r % 3 != 2, r % 3 != 2 ? value : [], r == 1 ? 1 : 0, r == 1 ? RecordHeaders.Encode([new RecordHeader("h", [1, 2])]) : []);
            }
            byte[] plain = (i % 4 == 2 ? builder.Seal(0, producerId: 4711, producerEpoch: 1, baseSequence: i == 2 ? 0 : 3) : builder.Seal()).ToArray();
            List<string> lines = [];
            RecordBatchHeader.Stamp(plain, next[partition], 0);
            foreach (RecordView record in RecordEnumerator.OverBatch(plain)) lines.Add(Line("readings", partition, record));
            next[partition] += records;
            batches.Add((partition, i % 4 == 3 ? Gzip(plain) : plain, lines));
        }
        return batches;
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

    public static T Drive<T>(Journal journal, Task<T> task)
    {
        for (int i = 0; i < 1000 && !task.IsCompleted; i++)
        {
            journal.RunCommitOnce();
            if (!task.IsCompleted) task.Wait(1);
        }
        return task.GetAwaiter().GetResult();
    }
}
