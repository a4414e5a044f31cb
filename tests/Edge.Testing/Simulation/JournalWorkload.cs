using Edge.Log;
using Edge.Log.Records;
using Edge.Log.Storage;
using Edge.Log.Topics;
using Edge.Testing.Storage;
using Microsoft.Extensions.Logging.Abstractions;

namespace Edge.Testing.Simulation;

/// <summary>Drives one journal by hand, without its thread, and keeps the model of what it was asked and what it answered.</summary>
public sealed class JournalWorkload(IDisk disk, SimulationOptions options, SeededRandom random, Model model, ManualTime time)
{

    public Model Model { get; private set; } = model;
    public Journal Journal { get; private set; } = null!;
    public ManualTime Time => time;

    public static LogOptions LogOptions(SimulationOptions options) => new()
    {
        AllowTinySegments = true,
        SegmentBytes = 64 << 10,
        MaxBatchBytes = 16 << 10,
        MaxGroupBytes = 16 << 10,
        PadBytes = options.PadBytes,
        MaxBytes = options.CapacityBytes,
        MinFreeBytes = 0,
    };

    public static Journal Open(IDisk disk, SimulationOptions options, TimeProvider time) => Journal.Open(disk, LogOptions(options), time, NullLogger.Instance);

    public void Open()
    {
        Journal = Open(disk, options, time);
        WantEverything();
        time.Advance(TimeSpan.FromMilliseconds(3));
    }

    /// <summary>On a small disk a forwarder wants all of it, so that a full disk refuses instead of dropping.</summary>
    private void WantEverything()
    {
        if (!options.IsDiskSmall) return;
        foreach (Topic topic in Journal.Topics.All)
            foreach (Partition partition in topic.Partitions) partition.RetentionFloor = 0;
        Journal.ApplyRetention(); // from here on the floors are known
    }

    /// <summary>Goes on with a journal that was opened elsewhere; its boot is durable, so its identity and epoch count as shown.</summary>
    public void Adopt(Journal journal)
    {
        Journal = journal;
        if (journal.State == JournalState.Running && !options.IsDiskSmall) Promise(force: true); // a full disk may have had no room for the boot's own record
        WantEverything();
    }

    /// <summary>One random thing a device does.</summary>
    public void Step()
    {
        time.Advance(TimeSpan.FromMilliseconds(random.Between(0, 2000)));
        switch (random.Next(20))
        {
            case 0: CreateTopic(); break;
            case 1: CleanStop(); break;
            case 2: Kill(); break;
            case 3: Retain(); break;
            case 4 or 5: Trim(); break;
            case 6: MarkIdle(); break;
            default: Commit(random.Between(1, 4)); break;
        }
    }

    public void CreateTopic()
    {
        if (Model.Topics.Count >= 4) return;
        string name = "topic-" + Model.Topics.Count;
        TopicConfig config = new() { RetentionBytes = random.Chance(30) ? 12_000 : -1, RetentionMs = random.Chance(30) ? 20_000 : -1, Full = options.IsDiskSmall && random.Chance(60) ? FullPolicy.DropOldest : FullPolicy.Reject };
        ModelTopic topic = new(name, random.Between(1, 3), config);
        Model.Topics[name] = topic;
        TopicChange change = Drive(Journal.Topics.CreateAsync(name, topic.Partitions, config));
        if (change.Status == TopicChangeStatus.Failed) return;
        if (change.Status != TopicChangeStatus.Ok) throw new InvalidDataException($"Creating {name} gave {change}.");
        topic.IsAcknowledged = true;
        WantEverything();
        Promise(force: true);
    }

    /// <summary>DeleteRecords of a random partition, with force: what a forwarder wants gets a gap record.</summary>
    public void Trim()
    {
        List<ModelTopic> topics = [.. Model.Topics.Values.Where(t => t.IsAcknowledged).OrderBy(t => t.Name, StringComparer.Ordinal)];
        if (topics.Count == 0) return;
        ModelTopic topic = topics[random.Next(topics.Count)];
        int index = random.Next(topic.Partitions);
        if (!Journal.Topics.TryGet(topic.Name, out Topic there)) return;
        Partition partition = there.Partitions[index];
        long to = partition.LogStartOffset + random.Between(0, (int)Math.Min(1000, partition.HighWatermark - partition.LogStartOffset));
        // Only whole batches: the model knows no half of one.
        to = Model.Items.Take(Model.AcknowledgedCount).SelectMany(i => i.Batches).Where(b => b.Topic == topic.Name && b.Partition == index && b.EndOffset <= to)
            .Select(b => b.EndOffset).DefaultIfEmpty(0).Max();
        if (to <= partition.LogStartOffset) return;
        TrimResult result = Drive(partition.TrimAsync(to, force: true));
        topic.MaxLogStart[index] = Math.Max(topic.MaxLogStart[index], to); // durable or on its way
        if (result.Status == TrimStatus.Failed) return;
        if (result != new TrimResult(TrimStatus.Ok, to)) throw new InvalidDataException($"Trimming {topic.Name}/{index} to {to} gave {result}.");
        Model.ShowStart(topic.Name, index, to);
    }

    public void MarkIdle()
    {
        Journal.MarkIdle();
        while (Journal.RunCommitOnce()) { }
    }

    /// <summary>At a full disk a topic that drops its oldest moves its own log starts.</summary>
    private void NoteDrops()
    {
        if (!options.IsDiskSmall) return;
        foreach (ModelTopic topic in Model.Topics.Values)
        {
            if (topic.Config.Full != FullPolicy.DropOldest || !Journal.Topics.TryGet(topic.Name, out Topic there)) continue;
            for (int i = 0; i < topic.Partitions; i++) topic.MaxLogStart[i] = Math.Max(topic.MaxLogStart[i], there.Partitions[i].LogStartOffset);
        }
    }

    /// <summary>Submits items and commits until all are answered.</summary>
    public void Commit(int count)
    {
        List<string> topics = [.. Model.Topics.Values.Where(t => t.IsAcknowledged).Select(t => t.Name).Order(StringComparer.Ordinal)];
        List<ModelItem> items = [];
        for (int i = 0; i < count; i++) items.Add(MakeItem(topics));
        foreach (ModelItem item in items)
        {
            Model.Items.Add(item);
            item.Submit(Journal);
        }
        int rounds = 0;
        while (items.Exists(i => i.Outcome is null))
        {
            Journal.RunCommitOnce();
            if (++rounds > 100) throw new InvalidDataException("An item was not answered within 100 commits.");
        }
        NoteDrops();
        Promise();
    }

    /// <summary>A batch for every partition, one item each: appends must work again after a recovery.</summary>
    public void AppendEverywhere()
    {
        foreach (ModelTopic topic in Model.Topics.Values.Where(t => t.IsAcknowledged))
        {
            for (int partition = 0; partition < topic.Partitions; partition++)
            {
                long end = Journal.Topics.TryGet(topic.Name, out Topic there) ? there.Partitions[partition].LogEndOffset : -1;
                ModelItem item = new(Model.Items.Count, [MakeBatch(topic.Name, partition)], []);
                Model.Items.Add(item);
                item.Submit(Journal);
                Journal.RunCommitOnce();
                if (item.IsRefused && options.IsDiskSmall) continue;
                if (item.Outcome is not { IsDurable: true }) throw new InvalidDataException($"An append after recovery gave {item.Outcome}.");
                if (item.Batches[0].BaseOffset != end) throw new InvalidDataException($"An append after recovery got offset {item.Batches[0].BaseOffset}, the log end was {end}.");
            }
        }
        NoteDrops();
        Promise();
    }

    public void CleanStop()
    {
        Stop();
        Open();
        Continue(checkAll: true);
    }

    /// <summary>Last commit and clean-stop mark. Nothing else runs, so blocking is safe.</summary>
    public void Stop()
    {
        if (!Journal.DisposeAsync().AsTask().Wait(TimeSpan.FromSeconds(30))) throw new InvalidDataException("The journal did not stop within 30 s.");
    }

    /// <summary>The process dies; the kernel keeps what it was given.</summary>
    public void Kill()
    {
        Open();
        Continue(checkAll: true);
    }

    /// <summary>Checks the journal as it was opened; what it shows counts as promised from now on.</summary>
    public long Continue(bool checkAll)
    {
        JournalCheck check = new(Journal, Expectation.Of(Model));
        Model = Model.Fork(check.Run(checkAll));
        foreach (ModelTopic topic in Model.Topics.Values.ToList())
        {
            if (topic.IsAcknowledged) continue;
            if (Journal.Topics.TryGet(topic.Name, out _)) topic.IsAcknowledged = true;
            else Model.Topics.Remove(topic.Name);
        }
        return check.Records;
    }

    public void Retain()
    {
        Journal.ApplyRetention();
        Journal.RunCommitOnce();
        foreach (ModelTopic topic in Model.Topics.Values.Where(t => t.IsAcknowledged))
        {
            if (!Journal.Topics.TryGet(topic.Name, out Topic there)) continue;
            for (int i = 0; i < topic.Partitions; i++)
            {
                long start = there.Partitions[i].LogStartOffset;
                if (start > topic.MaxLogStart[i]) CheckRetention(topic, i, start);
                topic.MaxLogStart[i] = Math.Max(topic.MaxLogStart[i], start);
            }
        }
    }

    private void CheckRetention(ModelTopic topic, int partition, long start)
    {
        long now = time.GetUtcNow().ToUnixTimeMilliseconds(), keptBytes = 0;
        bool expired = true;
        foreach (ModelBatch batch in Model.Items.Take(Model.AcknowledgedCount).SelectMany(i => i.Batches).Where(b => b.Topic == topic.Name && b.Partition == partition))
        {
            if (batch.BaseOffset >= start) keptBytes += batch.Bytes.Length;
            else expired &= topic.Config.RetentionMs >= 0 && batch.Header.MaxTimestampMs < now - topic.Config.RetentionMs;
        }
        bool tooLarge = topic.Config.RetentionBytes >= 0 && keptBytes >= topic.Config.RetentionBytes;
        if (!expired && !tooLarge) throw new InvalidDataException($"Retention moved the start of {topic.Name}/{partition} to {start} and kept {keptBytes} bytes; {topic.Config} does not allow it.");
    }

    /// <summary>Waits for a task that commits complete; its continuation may need the thread pool.</summary>
    private T Drive<T>(Task<T> task)
    {
        for (int i = 0; i < 1000 && !task.IsCompleted; i++)
        {
            if (!Journal.RunCommitOnce() && !task.IsCompleted) task.Wait(TimeSpan.FromMilliseconds(i / 10));
        }
        if (!task.IsCompleted) throw new InvalidDataException("A change of the topics was not answered within 1000 commits.");
        return task.GetAwaiter().GetResult();
    }

    private void Promise(bool force = false)
    {
        int before = Model.AcknowledgedCount;
        Model.CountAcknowledged();
        if (Model.AcknowledgedCount == before && !force) return; // nothing was promised, so neither was the epoch
        Model.DeviceId = Journal.DeviceId;
        Model.LogId = Journal.LogId;
        Model.Epoch = Journal.Epoch;
    }

    private ModelItem MakeItem(List<string> topics)
    {
        List<ModelBatch> batches = [];
        List<ModelPut> puts = [];
        int batchCount = topics.Count == 0 ? 0 : random.Chance(70) ? 1 : random.Between(0, 4);
        for (int i = 0; i < batchCount; i++)
        {
            string topic = topics[random.Next(topics.Count)];
            batches.Add(MakeBatch(topic, random.Next(Model.Topics[topic].Partitions)));
        }
        int putCount = batchCount == 0 ? 1 : random.Chance(25) ? random.Between(1, 3) : 0;
        for (int i = 0; i < putCount; i++)
        {
            byte[]? value = random.Chance(15) ? null : new byte[random.Between(0, 40)];
            if (value is not null) random.Fill(value);
            puts.Add(new ModelPut(random.Chance(50) ? "__catalog" : "__sync_cursors", "key-" + random.Next(4), value));
        }
        return new ModelItem(Model.Items.Count, batches, puts) { AcknowledgesOnWrite = options.AcknowledgesOnWrite };
    }

    private ModelBatch MakeBatch(string topic, int partition)
    {
        using RecordBatchBuilder builder = new();
        bool isLarge = random.Chance(options.LargeBatchPercent);
        int count = isLarge ? 1 : random.Between(1, 5);
        long now = time.GetUtcNow().ToUnixTimeMilliseconds();
        Span<byte> value = stackalloc byte[isLarge ? random.Between(1500, 7000) : random.Between(1, 200)];
        for (int i = 0; i < count; i++)
        {
            random.Fill(value);
            builder.Add(now + i, true, value[..1], true, value, 0, []);
        }
        return new ModelBatch(topic, partition, builder.Seal().ToArray());
    }
}
