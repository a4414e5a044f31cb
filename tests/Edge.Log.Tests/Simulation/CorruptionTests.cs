using System.Buffers;
using Edge.Log.Records;
using Edge.Log.Storage;
using Edge.Log.Topics;
using Edge.Testing.Simulation;
using Edge.Testing.Storage;
using Xunit.Abstractions;

namespace Edge.Log.Tests.Simulation;

/// <summary>Bit rot and torn tails: damaged bytes are never served, damage among durable frames is reported and what follows it stays readable.</summary>
public sealed class CorruptionTests(ITestOutputHelper output)
{
    private const ulong Seed = 7;
    private readonly SimulationOptions _options = new() { LargeBatchPercent = 15 };

    // Goal: one damaged byte anywhere costs at most the batch (or commit item) it hits, in sealed and active segments, after a clean stop and after a kill.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Open_AnyByteOfASegmentFlipped_ServesEverythingElse(bool cleanStop)
    {
        (DiskSnapshot cut, JournalWorkload workload) = Fill(cleanStop);
        SimulatedDisk pristine = cut.Restore(CrashVariant.EverythingKept, Seed);
        List<string> segments = [.. pristine.List().Where(n => n.EndsWith(".seg", StringComparison.Ordinal))];
        Assert.True(segments.Count >= 2, "The workload has to fill more than one segment.");
        SeededRandom random = new(Seed);
        int damages = 0, untouched = 0, lost = 0;
        foreach (string segment in segments)
        {
            int used = pristine.ReadAll(segment).AsSpan().LastIndexOfAnyExcept((byte)0) + 1;
            for (int position = 0; position < used; position += position < 4096 ? random.Between(1, 7) : random.Between(1, used / 60))
            {
                SimulatedDisk disk = cut.Restore(CrashVariant.EverythingKept, Seed);
                byte flip = (byte)(1 << random.Next(8));
                disk.Rot(segment, position, flip);
                string repro = $"repro: seed={Seed} file={segment} position={position} flip={flip} cleanStop={cleanStop}";
                try
                {
                    int missing = Check(JournalWorkload.Open(disk, _options, workload.Time), workload.Model);
                    damages++;
                    if (missing == 0) untouched++;
                    lost += missing;
                    // A commit item has at most 4 batches; an item that cannot be completed may go as a whole.
                    Assert.InRange(missing, 0, 4);
                }
                catch (JournalFormatException) when (position < 64) { damages++; } // the segment's own header: refused with a message, nothing changed
                catch (Exception e) when (e is not JournalFormatException || position >= 64) { throw new InvalidDataException($"{repro}: {e.Message}", e); }
            }
        }
        output.WriteLine($"{damages} damages, {untouched} without effect, {lost} batches lost");
    }

    // Goal: an index is derived. Whatever its bytes are, offsets and times are found as before.
    [Fact]
    public void Open_AnyByteOfAnIndexFlippedOrFileGone_FindsEverything()
    {
        (DiskSnapshot cut, JournalWorkload workload) = Fill(cleanStop: true);
        SimulatedDisk pristine = cut.Restore(CrashVariant.EverythingKept, Seed);
        string index = pristine.List().First(n => n.EndsWith(".index", StringComparison.Ordinal));
        int length = pristine.ReadAll(index).Length;
        for (int position = -1; position < length; position++)
        {
            SimulatedDisk disk = cut.Restore(CrashVariant.EverythingKept, Seed);
            if (position < 0) disk.Unlink(index);
            else disk.Rot(index, position, 0x10);
            Journal journal = JournalWorkload.Open(disk, _options, workload.Time);
            int missing = Check(journal, workload.Model);
            Assert.True(missing == 0, $"repro: seed={Seed} {index} position={position}: {missing} batches were not found");
        }
    }

    // Goal: what a crash tears at the tail is cut silently, and the journal goes on from there.
    [Fact]
    public void Open_TailCutAtAnyByteOfTheLastCommit_KeepsAllBefore()
    {
        (SimulatedDisk disk, JournalWorkload workload) = FillDisk();
        int acknowledged = workload.Model.AcknowledgedCount;
        DiskSnapshot? last = null;
        disk.BeforeOperation = (_, operation) => last = operation == DiskOperations.Sync ? disk.Snapshot() : last;
        workload.Commit(2);
        Assert.NotNull(last);
        for (ulong seed = 0; seed < 60; seed++)
        {
            SimulatedDisk torn = last.Restore(seed % 2 == 0 ? CrashVariant.Prefix : CrashVariant.ByteTears, seed);
            Journal journal = JournalWorkload.Open(torn, _options, workload.Time);
            Expectation expected = Expectation.Of(workload.Model) with { Acknowledged = acknowledged, Epoch = 0 };
            try { new JournalCheck(journal, expected).Run(checkOrder: true); }
            catch (Exception e) { throw new InvalidDataException($"repro: seed={seed}: {e.Message}", e); }
        }
    }

    /// <summary>Reads every batch by its offset. Wrong bytes throw; returns how many are not there.</summary>
    private static int Check(Journal journal, Model model)
    {
        int missing = 0;
        ArrayBufferWriter<byte> buffer = new();
        foreach (ModelBatch batch in model.Items.Take(model.AcknowledgedCount).SelectMany(i => i.Batches))
        {
            buffer.ResetWrittenCount();
            if (!journal.Topics.TryGet(batch.Topic, out Topic topic)) { missing++; continue; }
            ReadResult read = topic.Partitions[batch.Partition].Read(batch.BaseOffset, 1, true, buffer);
            bool found = read.Status == ReadStatus.Ok && read.Bytes > 0;
            if (found)
            {
                Assert.Equal(BatchReadStatus.Ok, RecordBatchHeader.TryRead(buffer.WrittenSpan, 1 << 20, out RecordBatchHeader header));
                found = header.BaseOffset == batch.BaseOffset;
                if (found) Assert.True(batch.Matches(buffer.WrittenSpan[..header.SizeBytes]), $"{batch.Topic}/{batch.Partition}@{batch.BaseOffset} was served with other bytes");
                else Assert.True(header.BaseOffset > batch.BaseOffset, $"{batch.Topic}/{batch.Partition}@{batch.BaseOffset} gave {header.BaseOffset}");
            }
            if (!found) missing++;
        }
        return missing;
    }

    private (DiskSnapshot Cut, JournalWorkload Workload) Fill(bool cleanStop)
    {
        (SimulatedDisk disk, JournalWorkload workload) = FillDisk();
        if (cleanStop) workload.Stop();
        return (disk.Snapshot(), workload);
    }

    private (SimulatedDisk Disk, JournalWorkload Workload) FillDisk()
    {
        SimulatedDisk disk = new(Seed);
        JournalWorkload workload = new(disk, _options, SeededRandom.Derive(Seed, 1), new Model(), new ManualTime(DateTimeOffset.FromUnixTimeMilliseconds(1_790_000_000_000)));
        workload.Open();
        workload.CreateTopic();
        workload.CreateTopic();
        while (disk.List().Count(n => n.EndsWith(".seg", StringComparison.Ordinal)) < 3 && workload.Model.Items.Count < 1000) workload.Commit(3);
        workload.Commit(4);
        workload.Commit(4);
        return (disk, workload);
    }
}
