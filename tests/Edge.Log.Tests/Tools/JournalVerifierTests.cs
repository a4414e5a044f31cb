using Edge.Log.Storage;
using Edge.Log.Tools;
using Edge.Testing.Storage;
using Xunit.Abstractions;

namespace Edge.Log.Tests.Tools;

public sealed class JournalVerifierTests(ITestOutputHelper output)
{
    private const ulong Seed = 11;

    [Fact]
    public void Verify_StoppedJournal_IsSoundAndCountsEverything()
    {
        var disk = new SimulatedDisk();
        ToolJournal made = ToolJournal.Make(disk, segments: 3);
        long before = disk.Operations;
        VerifyReport report = Verify(disk);
        Assert.True(report.IsSound, string.Join('\n', report.Problems));
        Assert.Equal(3, report.Segments);
        Assert.Equal(made.Batches.Count, report.Partitions.Where(p => !p.Name.IsInternal).Sum(p => p.Batches));
        Assert.Equal(made.Records, report.Partitions.Where(p => !p.Name.IsInternal).Sum(p => p.Records));
        Assert.All(report.Partitions, p => Assert.Equal(0, p.MissingOffsets));
        Assert.Equal(["events-0", "readings-0", "readings-1", "readings-2"], report.Partitions.Where(p => !p.Name.IsInternal).Select(p => p.Name.ToString()));
        Assert.Equal(before, disk.Operations); // it only read
    }

    [Fact]
    public void Verify_KilledJournal_IsSound()
    {
        var disk = new SimulatedDisk();
        ToolJournal made = ToolJournal.Begin(disk);
        for (int i = 0; i < 50; i++) made.AppendRandom();
        VerifyReport report = Verify(disk.Snapshot().Restore(CrashVariant.NothingKept, Seed));
        Assert.True(report.IsSound, string.Join('\n', report.Problems));
        Assert.Equal(made.Records, report.Partitions.Where(p => !p.Name.IsInternal).Sum(p => p.Records));
    }

    // Goal: wherever a byte is damaged, verify says so, and names exactly the offsets that the journal then cannot serve. Method: compare with the opened journal.
    [Fact]
    public void Verify_AnyByteOfASegmentFlipped_NamesWhatCannotBeRead()
    {
        var disk = new SimulatedDisk();
        ToolJournal made = ToolJournal.Make(disk, segments: 2);
        DiskSnapshot stopped = disk.Snapshot();
        var random = new SeededRandom(Seed);
        int damages = 0, withLoss = 0;
        foreach (string segment in disk.List().Where(n => n.EndsWith(".seg", StringComparison.Ordinal)))
        {
            bool isActive = segment == disk.List().Last(n => n.EndsWith(".seg", StringComparison.Ordinal));
            int used = disk.ReadAll(segment).AsSpan().LastIndexOfAnyExcept((byte)0) + 1;
            for (int position = 0; position < used; position += position < 512 ? random.Between(1, 60) : random.Between(1, used / 16))
            {
                SimulatedDisk damaged = stopped.Restore(CrashVariant.EverythingKept, Seed);
                damaged.Rot(segment, position, 0x20);
                string repro = $"repro: seed={Seed} file={segment} position={position}";
                VerifyReport report = Verify(damaged);
                List<(string, int, long, long)> missing = Served.Missing(ToolJournal.Open(stopped.Restore(CrashVariant.EverythingKept, Seed).Rotten(segment, position, 0x20)), made);
                if (isActive && report.IsSound && missing.Count <= 1)
                {
                    // The last frame of all: nothing durable lies behind it that would tell it from a torn tail.
                    Assert.True(missing.Count == 0 || (missing[0].Item1, missing[0].Item2, missing[0].Item3) == Last(made), $"{repro}: damage that costs {missing[0]} was not seen");
                    continue;
                }
                damages++;
                Assert.False(report.IsSound, $"{repro}: not seen");
                JournalProblem problem = report.Problems.First(p => p.File == segment);
                Assert.True(problem.Position <= position && position < problem.Position + problem.Bytes, $"{repro}: reported at {problem.Position}, {problem.Bytes} bytes");
                List<(string, int, long, long)> named = [.. report.Problems.SelectMany(p => p.Lost).Where(l => !l.Partition.IsInternal).Select(l => (l.Partition.Topic, l.Partition.Partition, l.From, l.To))];
                foreach ((string topic, int partition, long from, long to) in missing)
                    Assert.True(named.Exists(n => n.Item1 == topic && n.Item2 == partition && n.Item3 <= from && (n.Item4 >= to || n.Item4 < 0)), $"{repro}: {topic}-{partition} {from} to {to} is gone, named: {string.Join(", ", named)}");
                foreach ((string topic, int partition, long from, _) in named)
                    Assert.True(missing.Exists(m => m.Item1 == topic && m.Item2 == partition && m.Item3 <= from), $"{repro}: {topic}-{partition} from {from} is named but served");
                if (missing.Count > 0) withLoss++;
            }
        }
        output.WriteLine($"{damages} damages, {withLoss} with loss");
        Assert.True(withLoss > 20);
    }

    [Fact]
    public void Verify_AnyByteOfAnIndexFlipped_IsReportedAsDerived()
    {
        var disk = new SimulatedDisk();
        ToolJournal.Make(disk, segments: 2);
        string index = disk.List().First(n => n.EndsWith(".index", StringComparison.Ordinal));
        int length = disk.ReadAll(index).Length;
        for (int position = 0; position < length; position += position < 120 ? 1 : 13)
        {
            if (position is >= 36 and < 40 or >= 44 and < 48) continue; // bytes without a meaning
            VerifyReport report = Verify(disk.Snapshot().Restore(CrashVariant.EverythingKept, Seed).Rotten(index, position, 1));
            Assert.False(report.IsSound, $"position={position}");
            Assert.False(report.HasDataDamage, $"position={position}");
            Assert.Equal(ProblemKind.SegmentIndex, Assert.Single(report.Problems).Kind);
        }
    }

    [Fact]
    public void Verify_SnapshotDamaged_IsReportedAsDerived()
    {
        var disk = new SimulatedDisk();
        ToolJournal.Make(disk, segments: 3);
        string snapshot = disk.List().Last(n => n.EndsWith(".state", StringComparison.Ordinal));
        disk.Rot(snapshot, 30, 1);
        VerifyReport report = Verify(disk);
        JournalProblem problem = Assert.Single(report.Problems);
        Assert.Equal((ProblemKind.StateSnapshot, snapshot, true), (problem.Kind, problem.File, problem.IsDerived));
    }

    [Fact]
    public void Verify_SealedSegmentGone_IsDamageWithItsPlaceAndOffsets()
    {
        var disk = new SimulatedDisk();
        ToolJournal.Make(disk, segments: 3);
        string[] segments = [.. disk.List().Where(n => n.EndsWith(".seg", StringComparison.Ordinal))];
        disk.Unlink(segments[1]);
        VerifyReport report = Verify(disk);
        Assert.True(report.HasDataDamage);
        Assert.Contains(report.Problems, p => p.Kind == ProblemKind.MissingSegment && p.File == segments[1]);
        Assert.Contains(report.Problems.SelectMany(p => p.Lost), l => l.Partition.ToString() == "readings-0" && l.To >= l.From);
    }

    // Goal: a torn tail is no damage. Method: cut the last, un-synced write at many places.
    [Fact]
    public void Verify_TailTorn_IsSound()
    {
        var disk = new SimulatedDisk();
        ToolJournal made = ToolJournal.Begin(disk, Seed);
        for (int i = 0; i < 20; i++) made.AppendRandom();
        DiskSnapshot? beforeSync = null;
        disk.BeforeOperation = (_, operation) => beforeSync = operation == DiskOperations.Sync ? disk.Snapshot() : beforeSync;
        made.Append(ToolJournal.Topic, 0, 20, 500);
        Assert.NotNull(beforeSync);
        bool torn = false;
        for (ulong seed = 0; seed < 40; seed++)
        {
            VerifyReport report = Verify(beforeSync.Restore(seed % 2 == 0 ? CrashVariant.Prefix : CrashVariant.ByteTears, seed));
            Assert.True(report.IsSound, $"seed={seed}: {string.Join('\n', report.Problems)}");
            torn |= report.HasTornTail;
        }
        Assert.True(torn);
    }

    // Goal: after a clean stop the last frame is known to have been durable: damage of it is damage, not a torn tail. Method: the mark of a clean stop, made by hand.
    [Fact]
    public void Verify_LastFrameDamagedAfterACleanStop_IsDamageAndLeftWhereItIs()
    {
        var disk = new SimulatedDisk();
        ToolJournal.Make(disk, segments: 2);
        if (!disk.Exists("clean.stop"))
        {
            using OfflineJournal journal = OfflineJournal.Open(disk);
            SegmentWalk walk = SegmentWalk.Run(journal.Segments[^1], OfflineJournal.MaxBatchBytes, long.MaxValue, static (in Edge.Log.Segments.FrameHeader _, int _, ReadOnlyMemory<byte> _, in Edge.Log.Records.RecordBatchHeader _) => { });
            var state = new Edge.Log.State.StateSnapshot { Position = journal.Segments[^1].BasePosition, NextSequence = walk.NextSequence };
            string kept = Edge.Log.State.StateSnapshot.NameOf(state.Position);
            disk.Rename(kept, "kept");
            state.Save(disk);
            disk.Rename(kept, "clean.stop");
            disk.Rename("kept", kept);
        }
        Assert.True(Verify(disk).IsSound);
        string segment = disk.List().Last(n => n.EndsWith(".seg", StringComparison.Ordinal));
        int last = disk.ReadAll(segment).AsSpan().LastIndexOfAnyExcept((byte)0);
        disk.Rot(segment, last, 1);
        JournalProblem problem = Assert.Single(Verify(disk).Problems);
        Assert.Equal((ProblemKind.Frames, segment), (problem.Kind, problem.File));
        Assert.InRange(last, problem.Position, problem.Position + problem.Bytes);
        // Its partition ended there: replaced by padding its offsets would be given a second time.
        RepairPlan plan = JournalRepair.Plan(disk);
        Assert.Empty(plan.Actions);
        Assert.Contains("second time", Assert.Single(plan.Unrepairable), StringComparison.Ordinal);
    }

    [Fact]
    public void Open_NoJournalOrNewerOne_IsRefused()
    {
        Assert.Throws<JournalFormatException>(() => OfflineJournal.Open(new SimulatedDisk()));
        var disk = new SimulatedDisk();
        ToolJournal.Make(disk, segments: 2);
        using (IDiskFile file = disk.Open("journal.format", DiskOpenMode.ReadWrite)) file.Write(0, "edge-journal 2\n"u8);
        JournalFormatException e = Assert.Throws<JournalFormatException>(() => OfflineJournal.Open(disk));
        Assert.Contains("'edge-journal 2'", e.Message, StringComparison.Ordinal);
        Assert.Throws<JournalFormatException>(() => OfflineJournal.Open(disk, forRepair: true));
    }

    private static VerifyReport Verify(IDisk disk)
    {
        using OfflineJournal journal = OfflineJournal.Open(disk);
        return JournalVerifier.Run(journal);
    }

    private static (string, int, long) Last(ToolJournal made) => (made.Batches[^1].Topic, made.Batches[^1].Partition, made.Batches[^1].BaseOffset);
}
