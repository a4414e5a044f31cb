using Edge.Kafka.Protocol;
using Edge.Kafka.Transactions;
using Edge.Testing.Storage;
using Xunit;
using Xunit.Abstractions;

namespace Edge.Kafka.Tests.Transactions;

/// <summary>
/// Goal: whenever the power goes, a transaction is found wholly as it was before the step under way or wholly as after it, and goes on from there.
/// Method: a life of random steps on a simulated disk, a cut before every I/O operation, several disk images of each cut, recovered and compared.
/// </summary>
public sealed class TransactionCrashTests(ITestOutputHelper output)
{
    private static readonly string[] Ids = ["a", "b", "c"];
    private static readonly CrashVariant[] Variants = [CrashVariant.NothingKept, CrashVariant.EverythingKept, CrashVariant.ByteTears];
    private int _images;

    [Theory]
    [InlineData(1, 40)]
    [InlineData(2, 40)]
    [InlineData(3, 40)]
    public async Task Steps_PowerCutAtEveryOperation_AreWholeOrNotThere(int seed, int steps)
    {
        var disk = new SimulatedDisk((ulong)seed);
        SeededRandom random = SeededRandom.Derive((ulong)seed, 7);
        await using TransactionLife life = await TransactionLife.OpenAsync(disk);
        var cuts = new List<DiskSnapshot>();
        disk.BeforeOperation = (_, _) => cuts.Add(disk.Snapshot());
        string before = life.Describe();
        for (int step = 0; step < steps; step++)
        {
            string what = await StepAsync(life, random, step);
            string after = life.Describe();
            DiskSnapshot[] taken = [.. cuts];
            cuts.Clear();
            foreach (DiskSnapshot cut in taken)
            {
                foreach (CrashVariant variant in cut.IsClean ? [CrashVariant.EverythingKept] : Variants)
                    await CheckAsync(cut.Restore(variant, (ulong)seed), before, after, $"seed {seed} step {step} ({what}) at {cut.Operation} {variant}");
            }
            await CheckAsync(disk.Snapshot().Restore(CrashVariant.NothingKept, (ulong)seed), after, after, $"seed {seed} after step {step} ({what})");
            before = after;
        }
        Assert.True(life.Journal.Statistics.Segments > 1, "no segment rolled, so no snapshot was used");
        Assert.True(life.Statistics.TransactionsCommitted > 0 && life.Statistics.TransactionsAborted > 0);
        output.WriteLine($"seed {seed}: {steps} steps, {_images} images, {life.Journal.Statistics.Segments} segments");
    }

    private async Task CheckAsync(SimulatedDisk disk, string before, string after, string where)
    {
        _images++;
        await using TransactionLife life = await TransactionLife.OpenAsync(disk);
        string found = life.Describe();
        Assert.True(found == before || found == after, $"{where}: found\n{found}\nbefore\n{before}\nafter\n{after}");
        // It goes on: what is open accepts its producer, and ends.
        foreach (TransactionEntry entry in life.Coordinator.Entries.ToArray())
        {
            if (entry.Current is not { State: TransactionState.Ongoing } current) continue;
            Assert.Equal(ErrorCode.None, await life.Coordinator.EndAsync(entry.Id, current.ProducerId, current.Epoch, isCommit: true));
        }
        for (int p = 0; p < TransactionLife.Partitions; p++)
            Assert.True(life.Partition(p).LastStableOffset == life.Partition(p).HighWatermark, $"{where}: partition {p} has something open that nobody can end");
    }

    private static async Task<string> StepAsync(TransactionLife life, SeededRandom random, int step)
    {
        string id = Ids[random.Next(Ids.Length)];
        if (!life.Coordinator.TryGet(id, out TransactionMetadata current) || random.Chance(6))
        {
            await life.Coordinator.InitAsync(id, 60_000, -1, -1);
            return $"init {id}";
        }
        (long producer, short epoch) = (current.ProducerId, current.Epoch);
        bool isOpen = current.State == TransactionState.Ongoing;
        switch (random.Next(isOpen ? 8 : 3))
        {
            case 0:
            case 1:
                List<TopicPartition> added = [new(TransactionLife.TopicName, random.Next(TransactionLife.Partitions)), new(TransactionLife.TopicName, random.Next(TransactionLife.Partitions))];
                Assert.Equal(ErrorCode.None, await life.Coordinator.AddPartitionsAsync(id, producer, epoch, added));
                return $"add partitions {id}";
            case 2:
                if (!current.Groups.Contains(TransactionLife.Group))
                {
                    Assert.Equal(ErrorCode.None, await life.Coordinator.AddGroupAsync(id, producer, epoch, TransactionLife.Group));
                    return $"add group {id}";
                }
                int of = random.Next(TransactionLife.Partitions);
                Assert.Equal(ErrorCode.None, await life.Coordinator.AddOffsetsAsync(id, producer, epoch, TransactionLife.Group, [new(new(TransactionLife.Group, TransactionLife.TopicName, of), step, 0, "")]));
                return $"add offsets {id}";
            case 3:
                Assert.Equal(ErrorCode.None, await life.Coordinator.EndAsync(id, producer, epoch, random.Chance(60)));
                return $"end {id}";
            default:
                if (current.Partitions.Count == 0) return "nothing";
                int partition = current.Partitions[random.Next(current.Partitions.Count)].Index;
                await life.ProduceAsync(producer, epoch, partition, $"{id}{step}", random.Chance(40) ? 200_000 : 0);
                return $"produce {id}";
        }
    }
}
