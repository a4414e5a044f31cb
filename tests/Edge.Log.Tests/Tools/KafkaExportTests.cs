using System.Buffers.Binary;
using System.Text.RegularExpressions;
using Edge.Log.Records;
using Edge.Log.Storage;
using Edge.Log.Tests.Storage;
using Edge.Log.Tools;
using Edge.Testing.Processes;
using Edge.Testing.Storage;
using Xunit.Abstractions;

namespace Edge.Log.Tests.Tools;

public sealed partial class KafkaExportTests(ITestOutputHelper output)
{
    /// <summary>What kafka-dump-log prints when something is wrong; its exit code is 0 all the same.</summary>
    private static readonly string[] SignsOfDamage =
    [
        "isvalid: false", "InvalidRecordException", "CorruptRecordException", "Non-consecutive offsets", "invalid bytes at the end", "Mismatches in", "CorruptIndexException", "Found timestamp mismatch",
        "Found out of order timestamp", "indexed offsets are not found", "Snapshot is corrupt", "Exception",
    ];

    [Fact]
    public void Export_Partition_CopiesEveryBatchAndIndexesIt()
    {
        var disk = new SimulatedDisk();
        ToolJournal made = ToolJournal.Make(disk, segments: 3);
        var targets = new Dictionary<string, SimulatedDisk>();
        IReadOnlyList<ExportedPartition> exported = Export(disk, "readings", null, name => targets[name] = new SimulatedDisk());
        Assert.Equal(["readings-0", "readings-1", "readings-2"], exported.Select(e => e.Directory));
        foreach (ExportedPartition partition in exported)
        {
            SimulatedDisk target = targets[partition.Directory];
            Assert.Equal(["00000000000000000000.index", "00000000000000000000.log", "00000000000000000000.timeindex", "leader-epoch-checkpoint", "partition.metadata"], target.List());
            byte[] log = target.ReadAll("00000000000000000000.log");
            int at = 0;
            foreach ((_, _, long baseOffset, byte[] bytes) in made.Batches.Where(b => b.Topic == "readings" && b.Partition == partition.Partition))
            {
                Assert.Equal(baseOffset, RecordBatchHeader.Parse(log.AsSpan(at)).BaseOffset);
                Assert.True(log.AsSpan(at + RecordBatchHeader.MagicAt, bytes.Length - RecordBatchHeader.MagicAt).SequenceEqual(bytes.AsSpan(RecordBatchHeader.MagicAt)));
                at += bytes.Length;
            }
            Assert.Equal(log.Length, at);
            byte[] index = target.ReadAll("00000000000000000000.index");
            Assert.True(index.Length > 8);
            for (int i = 0; i < index.Length; i += 8)
            {
                RecordBatchHeader header = RecordBatchHeader.Parse(log.AsSpan(BinaryPrimitives.ReadInt32BigEndian(index.AsSpan(i + 4))));
                Assert.Equal(BinaryPrimitives.ReadInt32BigEndian(index.AsSpan(i)), header.LastOffset);
            }
            byte[] times = target.ReadAll("00000000000000000000.timeindex");
            for (int i = 12; i < times.Length; i += 12) Assert.True(BinaryPrimitives.ReadInt64BigEndian(times.AsSpan(i)) > BinaryPrimitives.ReadInt64BigEndian(times.AsSpan(i - 12)));
        }
    }

    [Fact]
    public void Export_OnePartitionInSmallSegments_BeginsANewFileAtTheSize()
    {
        var disk = new SimulatedDisk();
        ToolJournal.Make(disk, segments: 2);
        var target = new SimulatedDisk();
        ExportedPartition exported = Assert.Single(Export(disk, "readings", 1, _ => target, segmentBytes: 100_000));
        string[] logs = [.. target.List().Where(n => n.EndsWith(".log", StringComparison.Ordinal))];
        Assert.Equal(exported.Segments, logs.Length);
        Assert.True(logs.Length > 1);
        Assert.Equal(exported.Bytes, logs.Sum(n => (long)target.ReadAll(n).Length));
        Assert.All(logs, n => Assert.Equal(long.Parse(n[..20]), RecordBatchHeader.Parse(target.ReadAll(n)).BaseOffset));
    }

    [Fact]
    public void Export_IntoAFolderWithFiles_RefusesAndLeavesThem()
    {
        var disk = new SimulatedDisk();
        ToolJournal.Make(disk, segments: 2);
        var target = new SimulatedDisk();
        Export(disk, "events", null, _ => target);
        long operations = target.Operations;
        Assert.Throws<DiskException>(() => Export(disk, "events", null, _ => target));
        Assert.InRange(target.Operations - operations, 0, 1);
        Assert.Throws<ArgumentException>(() => Export(disk, "nothing", null, _ => target));
    }

    // Goal: Apache Kafka's own reader finds nothing wrong: batches, deep records, offset and time index. Then one byte is damaged, to see that this test can fail.
    [RequiresKafkaFact]
    [Trait("Category", "Slow")]
    public async Task Export_ReadByKafkaDumpLog_IsWithoutComplaint()
    {
        using var directory = new TemporaryDirectory();
        var disk = new SimulatedDisk();
        ToolJournal made = ToolJournal.Make(disk, segments: 4, seed: 3);
        IReadOnlyList<ExportedPartition> exported = Export(disk, "readings", null, name => new PosixDisk(Path.Combine(directory.Path, name)), segmentBytes: 400_000);
        string[] files = [.. Directory.GetFiles(directory.Path, "*", SearchOption.AllDirectories).Where(f => f.EndsWith(".log", StringComparison.Ordinal) || f.EndsWith("index", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];
        string all = await DumpAsync(files, "--deep-iteration", "--print-data-log");
        Assert.All(SignsOfDamage, sign => Assert.DoesNotContain(sign, all, StringComparison.Ordinal));
        long records = all.Split('\n').LongCount(l => l.TrimStart().StartsWith("| offset:", StringComparison.Ordinal));
        Assert.Equal(exported.Sum(e => e.Records), records);
        Assert.Equal(made.Batches.Where(b => b.Topic == "readings").Sum(b => (long)RecordBatchHeader.Parse(b.Bytes).RecordCount), records);
        string sanity = await DumpAsync(files, "--index-sanity-check");
        Assert.All(SignsOfDamage, sign => Assert.DoesNotContain(sign, sanity, StringComparison.Ordinal));
        output.WriteLine($"{files.Length} files, {records} records");

        string log = files.First(f => f.EndsWith(".log", StringComparison.Ordinal)), index = Path.ChangeExtension(log, ".index");
        Flip(log, 200);
        Flip(index, 7);
        string damaged = await DumpAsync([log, index], "--deep-iteration");
        Assert.Contains(SignsOfDamage, sign => damaged.Contains(sign, StringComparison.Ordinal));
    }

    private static IReadOnlyList<ExportedPartition> Export(IDisk disk, string topic, int? partition, Func<string, IDisk> open, long segmentBytes = KafkaExport.DefaultSegmentBytes)
    {
        using OfflineJournal journal = OfflineJournal.Open(disk);
        return KafkaExport.Run(journal, topic, partition, open, segmentBytes);
    }

    private static async Task<string> DumpAsync(IEnumerable<string> files, params string[] arguments)
    {
        CommandResult result = await Command.RunAsync(RequiresKafkaFactAttribute.DumpTool!, ["--files", string.Join(',', files), .. arguments], timeout: TimeSpan.FromMinutes(1));
        // The tool starts each file at -1, and so complains of every file that does not begin at offset 0: Kafka's own, too.
        return FromNothing().Replace(result.StandardOutput + result.StandardError, "");
    }

    [GeneratedRegex(@"Non-consecutive offsets in \S+\s+-1 is followed by \d+\n(?!\s+\d+ is followed)")]
    private static partial Regex FromNothing();

    private static void Flip(string file, int position)
    {
        byte[] bytes = File.ReadAllBytes(file);
        bytes[position] ^= 0x10;
        File.WriteAllBytes(file, bytes);
    }
}
