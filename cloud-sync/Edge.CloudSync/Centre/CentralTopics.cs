using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Microsoft.Extensions.Logging;

namespace Edge.CloudSync.Centre;

/// <summary>Finds the topics of the centre and makes missing ones when that is allowed. One owner; lives as long as its producer.</summary>
internal sealed partial class CentralTopics(IAdminClient admin, SyncOptions options, string deviceId, ILogger logger)
{
    public const string Gaps = "edge.gaps", DeadLetter = "edge.deadletter", Cursors = "edge.cursors", Fleet = "edge.fleet";
    private const int CursorPartitions = 64;
    private static readonly TimeSpan CreateTimeout = TimeSpan.FromSeconds(15), MetadataTimeout = TimeSpan.FromSeconds(5), RetentionTimeout = TimeSpan.FromSeconds(2);

    private readonly Dictionary<string, CentralTopic> _known = new(StringComparer.Ordinal);

    /// <summary>A topic found before; null when it has to be looked up.</summary>
    public CentralTopic? Known(string name) => _known.GetValueOrDefault(name);

    /// <summary>Looks a topic up, makes it when missing and allowed.</summary>
    /// <returns>The topic, or the reason why there is none.</returns>
    /// <exception cref="KafkaException">The centre does not answer.</exception>
    public async Task<(CentralTopic? Topic, string? Refusal)> FindAsync(string name, CancellationToken cancellationToken)
    {
        if (_known.TryGetValue(name, out CentralTopic? known)) return (known, null);
        (int count, int brokers, Error error) = await DescribeAsync(admin, name, cancellationToken).ConfigureAwait(false);
        if (count == 0)
        {
            if (error.Code is not (ErrorCode.UnknownTopicOrPart or ErrorCode.LeaderNotAvailable or ErrorCode.NoError))
                return (null, $"The centre refuses topic '{name}': {error.Reason}.");
            if (error.Code != ErrorCode.LeaderNotAvailable)
            {
                if (!options.CreateTopics) return (null, $"Topic '{name}' does not exist at the centre and Sync:CreateTopics is false.");
                if (await CreateAsync(name, brokers, null, cancellationToken).ConfigureAwait(false) is { } refusal) return (null, refusal);
            }
            count = await WaitForLeadersAsync(name, cancellationToken).ConfigureAwait(false);
            if (count == 0) return (null, $"Topic '{name}' was made at the centre but has no leader yet.");
        }
        bool isOwn = name is Gaps or DeadLetter or Cursors or Fleet;
        var topic = new CentralTopic(name, count, isOwn ? null : await RetentionAsync(name, cancellationToken).ConfigureAwait(false));
        _known.Add(name, topic);
        return (topic, null);
    }

    /// <summary>Asks for the partition counts anew. Nothing is adopted here: the caller first lets everything in flight arrive.</summary>
    public async Task<bool> HaveCountsChangedAsync(CancellationToken cancellationToken)
    {
        foreach (CentralTopic topic in _known.Values)
        {
            (int count, _, _) = await DescribeAsync(admin, topic.Name, cancellationToken).ConfigureAwait(false);
            if (count > 0 && count != topic.PartitionCount) return true;
        }
        return false;
    }

    /// <summary>Forgets all counts, so that the next look-up adopts new ones.</summary>
    public void Forget() => _known.Clear();

    private async Task<string?> CreateAsync(string name, int brokers, Dictionary<string, string>? settings, CancellationToken cancellationToken)
    {
        int replication = options.ReplicationFactor > 0 ? options.ReplicationFactor : Math.Clamp(brokers, 1, 3);
        TopicSpecification specification = Specify(name, replication);
        if (settings is not null) specification.Configs = settings;
        try
        {
            await SendAsync(specification, cancellationToken).ConfigureAwait(false);
            if (replication == 1) LogUnreplicated(logger, name);
            else LogCreated(logger, name, specification.NumPartitions, replication);
            return null;
        }
        catch (CreateTopicsException e) when (e.Results.Count > 0 && e.Results[0].Error.Code == ErrorCode.TopicAlreadyExists)
        {
            return null;
        }
        catch (CreateTopicsException e) when (e.Results.Count > 0 && e.Results[0].Error.Code is ErrorCode.InvalidConfig or ErrorCode.InvalidRequest && Plainer(name, settings) is { } plainer)
        {
            LogPlainer(logger, name, e.Results[0].Error.Reason, string.Join(", ", plainer.Select(setting => $"{setting.Key}={setting.Value}")));
            return await CreateAsync(name, brokers, plainer, cancellationToken).ConfigureAwait(false);
        }
        catch (CreateTopicsException e) when (e.Results.Count > 0)
        {
            return $"Topic '{name}' cannot be made at the centre: {e.Results[0].Error.Reason}";
        }
        catch (KafkaException e) when (e.Error.Code is ErrorCode.Local_UnsupportedFeature or ErrorCode.UnsupportedVersion)
        {
            return await AskToAutoCreateAsync(name, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>The next plainer settings of the cursor topic for a centre that knows less. What must be is that no cursor is ever deleted; without compaction it only grows.</summary>
    private static Dictionary<string, string>? Plainer(string name, Dictionary<string, string>? refused)
    {
        if (name is not (Cursors or Fleet)) return null;
        if (refused is null) return new Dictionary<string, string> { ["cleanup.policy"] = "compact" };
        string keeps = name == Cursors ? "-1" : "604800000"; // who was silent for a week is not there
        return refused["cleanup.policy"] == "compact" ? new Dictionary<string, string> { ["cleanup.policy"] = "delete", ["retention.ms"] = keeps } : null;
    }

    private TopicSpecification Specify(string name, int replication)
    {
        bool isForEver = name is Gaps or DeadLetter; // what tells of losses is never deleted by time
        long retentionMs = isForEver ? -1 : (long)options.RetentionTime.TotalMilliseconds;
        var configs = name is Cursors or Fleet
            ? new Dictionary<string, string>
            {
                ["cleanup.policy"] = "compact", ["segment.bytes"] = "16777216", ["segment.ms"] = "21600000", ["min.cleanable.dirty.ratio"] = "0.1",
                ["min.insync.replicas"] = replication >= 3 ? "2" : "1", ["unclean.leader.election.enable"] = "false",
            }
            : new Dictionary<string, string> { ["retention.ms"] = retentionMs.ToString(System.Globalization.CultureInfo.InvariantCulture), ["cleanup.policy"] = "delete" };
        return new TopicSpecification
        {
            Name = name,
            NumPartitions = name == Cursors ? CursorPartitions : options.Partitions,
            ReplicationFactor = (short)replication,
            Configs = configs,
        };
    }

    private Task SendAsync(TopicSpecification specification, CancellationToken cancellationToken) =>
        admin.CreateTopicsAsync([specification], new CreateTopicsOptions { RequestTimeout = CreateTimeout, OperationTimeout = CreateTimeout })
            .WaitAsync(CreateTimeout * 2, cancellationToken);

    /// <summary>A centre without CreateTopics may still make a topic that is asked for.</summary>
    private async Task<string?> AskToAutoCreateAsync(string name, CancellationToken cancellationToken)
    {
        AdminClientConfig config = ClientSettings.Admin(options, deviceId);
        config.AllowAutoCreateTopics = true;
        using IAdminClient asking = CentreProbe.Build(config);
        await DescribeAsync(asking, name, cancellationToken).ConfigureAwait(false);
        return null;
    }

    private async Task<int> WaitForLeadersAsync(string name, CancellationToken cancellationToken)
    {
        for (int attempt = 0; attempt < 50; attempt++)
        {
            (int count, _, Error error) = await DescribeAsync(admin, name, cancellationToken).ConfigureAwait(false);
            if (count > 0 && error.Code == ErrorCode.NoError) return count;
            await Task.Delay(100, cancellationToken).ConfigureAwait(false);
        }
        return 0;
    }

    /// <summary>The topic's retention.ms where the record's own timestamp decides. A centre that does not tell is taken to keep everything: this only serves a warning.</summary>
    private async Task<long?> RetentionAsync(string name, CancellationToken cancellationToken)
    {
        try
        {
            if (options.IsRetentionUnknown) return null;
            List<DescribeConfigsResult> results = await admin.DescribeConfigsAsync([new ConfigResource { Type = ResourceType.Topic, Name = name }],
                new DescribeConfigsOptions { RequestTimeout = RetentionTimeout }).WaitAsync(RetentionTimeout * 2, cancellationToken).ConfigureAwait(false);
            string Value(string key) => results[0].Entries.TryGetValue(key, out ConfigEntryResult? entry) ? entry.Value ?? "" : "";
            if (Value("message.timestamp.type") == "LogAppendTime" || !Value("cleanup.policy").Contains("delete", StringComparison.Ordinal)) return null;
            return long.TryParse(Value("retention.ms"), System.Globalization.CultureInfo.InvariantCulture, out long retentionMs) && retentionMs >= 0 ? retentionMs : null;
        }
        catch (Exception e) when (e is KafkaException or TimeoutException)
        {
            options.IsRetentionUnknown = true;
            return null;
        }
    }

    /// <summary>The library's call blocks: it runs on the pool. Always waited for, since the client must not be disposed under it; its own time-out is short.</summary>
    private async Task<(int Partitions, int Brokers, Error Error)> DescribeAsync(IAdminClient client, string name, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        TimeSpan timeout = options.SocketTimeout < MetadataTimeout ? options.SocketTimeout : MetadataTimeout;
        Metadata metadata = await Task.Run(() => client.GetMetadata(name, timeout), CancellationToken.None).ConfigureAwait(false);
        TopicMetadata? topic = metadata.Topics.Find(found => found.Topic == name);
        return (topic is null || topic.Error.IsError ? 0 : topic.Partitions.Count, metadata.Brokers.Count, topic?.Error ?? new Error(ErrorCode.NoError));
    }

    [LoggerMessage(EventId = 4101, Level = LogLevel.Information, Message = "Made topic {Topic} at the centre: {Partitions} partitions, replication factor {Replication}")]
    private static partial void LogCreated(ILogger logger, string topic, int partitions, int replication);

    [LoggerMessage(EventId = 4103, Level = LogLevel.Warning, Message = "The centre refuses the settings of {Topic} ({Reason}); trying {Settings}")]
    private static partial void LogPlainer(ILogger logger, string topic, string reason, string settings);

    [LoggerMessage(EventId = 4102, Level = LogLevel.Warning, Message = "Made topic {Topic} at the centre with replication factor 1: one broken disk there loses it")]
    private static partial void LogUnreplicated(ILogger logger, string topic);
}
