namespace Edge.Testing.Simulation;

/// <summary>What the journal was asked for and what it promised: the truth that every disk image is compared with.</summary>
public sealed class Model
{
    /// <summary>All items in submit order. The journal is one log, so what survives of them is a prefix.</summary>
    public List<ModelItem> Items { get; } = [];

    public Dictionary<string, ModelTopic> Topics { get; } = new(StringComparer.Ordinal);

    /// <summary>Identity, known once something was acknowledged under it.</summary>
    public string? DeviceId { get; set; }
    public string? LogId { get; set; }
    public int Epoch { get; set; }

    /// <summary>Log starts that a trim answered; replaced as a whole, so that each power cut keeps those of its moment.</summary>
    public IReadOnlyDictionary<(string Topic, int Partition), long> ShownStarts { get; private set; } = new Dictionary<(string, int), long>();

    public void ShowStart(string topic, int partition, long start) =>
        ShownStarts = new Dictionary<(string, int), long>(ShownStarts) { [(topic, partition)] = start };

    /// <summary>Items from 0 that must be there.</summary>
    public int AcknowledgedCount { get; set; }

    /// <summary>Takes over the acknowledgements so far. They must come in submit order.</summary>
    public void CountAcknowledged()
    {
        Items.RemoveAll(i => i.IsRefused);
        while (AcknowledgedCount < Items.Count && Items[AcknowledgedCount].IsAcknowledged) AcknowledgedCount++;
        for (int i = AcknowledgedCount; i < Items.Count; i++)
        {
            if (Items[i].IsAcknowledged) throw new InvalidOperationException($"Item {i} was acknowledged before item {AcknowledgedCount}.");
        }
    }

    /// <summary>The world after a recovery that showed the first <paramref name="present"/> items: readers have seen them, so from now on they count as promised.</summary>
    /// <param name="starts">Log starts shown at the cut; null = those of now.</param>
    public Model Fork(int present, IReadOnlyDictionary<(string Topic, int Partition), long>? starts = null)
    {
        Model fork = new() { DeviceId = DeviceId, LogId = LogId, Epoch = Epoch, AcknowledgedCount = present, ShownStarts = starts ?? ShownStarts };
        fork.Items.AddRange(Items.Take(present));
        foreach ((string name, ModelTopic topic) in Topics) fork.Topics[name] = topic.Clone();
        return fork;
    }
}
