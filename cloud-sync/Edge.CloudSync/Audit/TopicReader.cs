using Confluent.Kafka;
using Edge.CloudSync.Centre;

namespace Edge.CloudSync.Audit;

/// <summary>Reads one topic of the centre once, read_committed, every partition from its start to its end as of the call. Blocking; no group, no commits.</summary>
internal sealed class TopicReader : IDisposable
{
    private readonly IConsumer<Ignore, byte[]?> _consumer;
    private readonly TimeSpan _timeout;
    private Error? _fatal;

    public TopicReader(AuditOptions options)
    {
        _timeout = options.Timeout;
        var config = new ConsumerConfig();
        foreach ((string name, string value) in options.Client) config.Set(name, value);
        config.BootstrapServers = options.BootstrapServers;
        config.ClientId = "edge.audit";
        config.GroupId = "edge.audit"; // required by the library, never joined
        config.EnableAutoCommit = false;
        config.EnableAutoOffsetStore = false;
        config.EnablePartitionEof = true;
        config.IsolationLevel = IsolationLevel.ReadCommitted;
        config.AllowAutoCreateTopics = false;
        config.EnableMetricsPush = false;
        config.FetchWaitMaxMs = 20;
        config.QueuedMaxMessagesKbytes = 32 << 10;
        config.ConsumeResultFields = "headers";
        _consumer = new ConsumerBuilder<Ignore, byte[]?>(config).SetLogHandler(static (_, _) => { })
            .SetErrorHandler((_, error) => { if (error.IsFatal || error.Code is ErrorCode.Local_Authentication) _fatal = error; }).Build();
    }

    /// <summary>Partitions of the topic read last whose start was removed by the centre's retention.</summary>
    public IReadOnlyCollection<int> Trimmed { get; private set; } = [];

    /// <param name="visit">Gets each record. Its message is the reader's own.</param>
    /// <returns>False when there is no such topic.</returns>
    /// <exception cref="AuditException">No answer within the time-out, or a refusal.</exception>
    public bool Read(string topic, Action<ConsumeResult<Ignore, byte[]?>> visit, CancellationToken cancellationToken)
    {
        try
        {
            return ReadAll(topic, visit, cancellationToken);
        }
        catch (KafkaException e)
        {
            throw new AuditException($"Topic '{topic}' cannot be read: {e.Error.Reason}.", isTransient: true, e);
        }
    }

    public void Dispose()
    {
        _consumer.Close();
        _consumer.Dispose();
    }

    private bool ReadAll(string topic, Action<ConsumeResult<Ignore, byte[]?>> visit, CancellationToken cancellationToken)
    {
        using IAdminClient admin = new DependentAdminClientBuilder(_consumer.Handle).Build();
        TopicMetadata? found = admin.GetMetadata(topic, _timeout).Topics.Find(known => known.Topic == topic);
        if (found is null || found.Error.Code is ErrorCode.UnknownTopicOrPart || found.Partitions.Count == 0) return false;
        if (found.Error.IsError) throw new AuditException($"Topic '{topic}' cannot be read: {found.Error.Reason}.", isTransient: false);
        long[] ends = new long[found.Partitions.Count];
        var from = new List<TopicPartitionOffset>();
        var trimmed = new List<int>();
        for (int partition = 0; partition < ends.Length; partition++)
        {
            var place = new TopicPartition(topic, partition);
            WatermarkOffsets range = _consumer.QueryWatermarkOffsets(place, _timeout); // read_committed: High is the last stable offset
            if (range.Low.Value > 0) trimmed.Add(partition);
            ends[partition] = range.High.Value;
            if (range.High.Value > range.Low.Value) from.Add(new TopicPartitionOffset(place, Offset.Beginning));
            else ends[partition] = -1;
        }
        Trimmed = trimmed;
        _consumer.Assign(from);
        int open = from.Count;
        long silentSince = Environment.TickCount64;
        while (open > 0)
        {
            cancellationToken.ThrowIfCancellationRequested();
            ConsumeResult<Ignore, byte[]?>? result = _consumer.Consume(100);
            if (_fatal is { } fatal) throw new AuditException($"Topic '{topic}' cannot be read: {fatal.Reason}.", isTransient: false);
            if (result is null)
            {
                if (Environment.TickCount64 - silentSince > _timeout.TotalMilliseconds) throw new AuditException($"Topic '{topic}': no answer of the centre for {_timeout}.", isTransient: true);
                continue;
            }
            silentSince = Environment.TickCount64;
            int partition = result.Partition.Value;
            if (ends[partition] < 0) continue; // records that came after the start
            if (!result.IsPartitionEOF && result.Offset.Value < ends[partition]) visit(result);
            if (result.Offset.Value + (result.IsPartitionEOF ? 0 : 1) < ends[partition]) continue;
            ends[partition] = -1;
            open--;
        }
        _consumer.Unassign();
        return true;
    }
}
