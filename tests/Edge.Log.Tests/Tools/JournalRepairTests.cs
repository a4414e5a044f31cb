using Edge.Log.Storage;
using Edge.Log.Tools;
using Edge.Testing.Storage;
using Xunit.Abstractions;

namespace Edge.Log.Tests.Tools;

public sealed class JournalRepairTests(ITestOutputHelper output)
{
    private const ulong Seed = 12;
    private static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeMilliseconds(1_790_000_100_000);

    [Fact]
    public void Plan_SoundJournal_IsEmpty()
    {
        var disk = new SimulatedDisk();
        ToolJournal.Make(disk, segments: 2);
        RepairPlan plan = JournalRepair.Plan(disk);
        Assert.Empty(plan.Actions);
        Assert.Empty(plan.Unrepairable);
    }

    // Goal: after a repair the journal is sound, opens, and serves all that was served before; the damaged bytes are in quarantine. Method: one damaged byte at many places.
    [Fact]
    public void Apply_AnyByteOfASegmentFlipped_JournalIsSoundAndBytesAreKept()
    {
        var disk = new SimulatedDisk();
        ToolJournal made = ToolJournal.Make(disk, segments: 2);
        DiskSnapshot stopped = disk.Snapshot();
        var random = new SeededRandom(Seed);
        int repaired = 0;
        foreach (string segment in disk.List().Where(n => n.EndsWith(".seg", StringComparison.Ordinal)))
        {
            int used = disk.ReadAll(segment).AsSpan().LastIndexOfAnyExcept((byte)0) + 1;
            for (int position = 0; position < used; position += position < 256 ? random.Between(1, 60) : random.Between(1, used / 10))
            {
                string repro = $"repro: seed={Seed} file={segment} position={position}";
                SimulatedDisk damaged = stopped.Restore(CrashVariant.EverythingKept, Seed).Rotten(segment, position, 4);
                byte rotten = damaged.ReadAll(segment)[position];
                int missingBefore = Served.Missing(ToolJournal.Open(stopped.Restore(CrashVariant.EverythingKept, Seed).Rotten(segment, position, 4)), made).Count;
                long operations = damaged.Operations;
                RepairPlan plan = JournalRepair.Plan(damaged);
                Assert.True(damaged.Operations == operations, $"{repro}: planning changed the disk");
                if (plan.Actions.Count == 0) // near the end of the journal: taken for a torn tail, or left, since no offset may be given twice
                {
                    Assert.True(segment != disk.List().First(n => n.EndsWith(".seg", StringComparison.Ordinal)), $"{repro}: nothing is done in a sealed segment");
                    continue;
                }
                var quarantine = new SimulatedDisk();
                JournalRepair.Apply(damaged, plan, quarantine, Now);
                repaired++;
                Assert.True(plan.Unrepairable.Count == 0, $"{repro}: {string.Join("; ", plan.Unrepairable)}");
                RepairPlan again = JournalRepair.Plan(damaged);
                Assert.True(again.Actions.Count == 0 && again.Unrepairable.Count == 0, $"{repro}: still to do: {string.Join("; ", again.Actions.Select(a => a.Text))} {string.Join("; ", again.Unrepairable)}");
                RepairAction action = plan.Actions.First(a => a.File == segment);
                Assert.Equal(rotten, quarantine.ReadAll(action.Quarantine)[position - (int)action.Position]);
                Journal journal = ToolJournal.Open(damaged);
                Assert.Equal(0, journal.Statistics.DamagedBytes);
                Assert.True(Served.Missing(journal, made).Count == missingBefore, $"{repro}: {Served.Missing(journal, made).Count} batches are missing, {missingBefore} before the repair");
                Assert.Equal(0, journal.Statistics.DamagedBytes); // reading does not meet it either
            }
        }
        output.WriteLine($"{repaired} repairs");
        Assert.True(repaired > 20);
    }

    // Goal: a power cut during a repair loses nothing, and the repair can be begun again. Method: cut before every operation.
    [Fact]
    public void Apply_PowerCutAtEveryOperation_CanBeBegunAgain()
    {
        var disk = new SimulatedDisk();
        ToolJournal made = ToolJournal.Make(disk, segments: 2);
        string segment = disk.List().First(n => n.EndsWith(".seg", StringComparison.Ordinal));
        disk.Rot(segment, 5000, 4);
        disk.Rot(segment, 300_000, 4);
        disk.Rot(segment, 20, 4);
        DiskSnapshot damaged = disk.Snapshot();
        int missing = Served.Missing(ToolJournal.Open(damaged.Restore(CrashVariant.EverythingKept, Seed)), made).Count;
        for (long crash = 1; ; crash++)
        {
            SimulatedDisk at = damaged.Restore(CrashVariant.EverythingKept, Seed);
            DiskSnapshot? cut = null;
            long first = at.Operations;
            at.BeforeOperation = (operation, _) => cut = operation - first == crash ? at.Snapshot() : cut;
            JournalRepair.Apply(at, JournalRepair.Plan(at), new SimulatedDisk(), Now);
            at.BeforeOperation = null;
            if (cut is null) break;
            foreach (CrashVariant variant in Enum.GetValues<CrashVariant>())
            {
                SimulatedDisk after = cut.Restore(variant, Seed);
                JournalRepair.Apply(after, JournalRepair.Plan(after), new SimulatedDisk(), Now);
                RepairPlan again = JournalRepair.Plan(after);
                Assert.True(again.Actions.Count == 0, $"repro: crash={crash} variant={variant}: {string.Join("; ", again.Actions.Select(a => a.Text))}");
                Assert.True(Served.Missing(ToolJournal.Open(after), made).Count == missing, $"repro: crash={crash} variant={variant}");
            }
        }
    }

    [Fact]
    public void Apply_LostRange_IsWrittenDownForTheGapRecord()
    {
        var disk = new SimulatedDisk();
        ToolJournal.Make(disk, segments: 2);
        string segment = disk.List().First(n => n.EndsWith(".seg", StringComparison.Ordinal));
        disk.Rot(segment, 300_000, 4);
        RepairPlan plan = JournalRepair.Plan(disk);
        LostOffsets lost = Assert.Single(plan.Actions.SelectMany(a => a.Lost));
        JournalRepair.Apply(disk, plan, new SimulatedDisk(), Now);
        string line = System.Text.Encoding.UTF8.GetString(disk.ReadAll(JournalRepair.GapsFile));
        Assert.Equal($$"""{"topic":"{{lost.Partition.Topic}}","partition":{{lost.Partition.Partition}},"id":{{lost.Partition.Id}},"from":{{lost.From}},"to":{{lost.To}},"time":1790000100000}""" + "\n", line);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("edge-jou")]
    public void Apply_FormatFileGoneOrDamaged_IsWrittenAgain(string? text)
    {
        var disk = new SimulatedDisk();
        ToolJournal made = ToolJournal.Make(disk, segments: 2);
        disk.Unlink("journal.format");
        if (text is not null)
        {
            using IDiskFile file = disk.Open("journal.format", DiskOpenMode.CreateNew);
            file.Write(0, System.Text.Encoding.ASCII.GetBytes(text));
            file.Sync();
        }
        Assert.Throws<JournalFormatException>(() => ToolJournal.Open(disk));
        JournalRepair.Apply(disk, JournalRepair.Plan(disk), new SimulatedDisk(), Now);
        Assert.Empty(Served.Missing(ToolJournal.Open(disk), made));
    }

    [Fact]
    public void Apply_SegmentThatIsNoSegment_GoesToQuarantineAndTheJournalOpens()
    {
        var disk = new SimulatedDisk();
        ToolJournal made = ToolJournal.Make(disk, segments: 3);
        string segment = disk.List().Last(n => n.EndsWith(".seg", StringComparison.Ordinal));
        using (IDiskFile file = disk.Open(segment, DiskOpenMode.ReadWrite)) file.Write(0, new byte[1 << 20]);
        Assert.Throws<JournalFormatException>(() => ToolJournal.Open(disk));
        var quarantine = new SimulatedDisk();
        JournalRepair.Apply(disk, JournalRepair.Plan(disk), quarantine, Now);
        Assert.Contains(segment, Assert.Single(quarantine.List()), StringComparison.Ordinal);
        Assert.NotEmpty(Served.Missing(ToolJournal.Open(disk), made));
    }
}
