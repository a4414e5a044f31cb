using System.Text;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Edge.CloudSync.Cursors;
using Edge.Log.Records;

namespace Edge.CloudSync.Centre;

/// <summary>Reads what <c>edge.cursors</c> says about one device. One owner; remembers where it stopped, so that the next reading is short.</summary>
/// <remarks>Right only after the producer's InitTransactions: then no transaction of ours is undecided, and everything decided lies before the end asked for here.</remarks>
internal sealed class CursorReader(SyncOptions options, string deviceId)
{
    private readonly Dictionary<string, byte[]> _own = new(StringComparer.Ordinal);
    private TopicPartition? _place;
    private long _from;

    /// <param name="topic">The cursor topic as the producer's session knows it.</param>
    /// <exception cref="KafkaException">The centre does not answer or refuses.</exception>
    /// <exception cref="TimeoutException">The end was not reached in time: someone's transaction is open in that partition.</exception>
    public async Task<CentralState> ReadAsync(IAdminClient admin, CentralTopic topic, CancellationToken cancellationToken)
    {
        TopicPartition place = topic.Place(Encoding.UTF8.GetBytes(deviceId));
        if (_place != place) Forget(place);
        long end = await EndAsync(admin, place, cancellationToken).ConfigureAwait(false);
        if (end < _from) Forget(place); // the topic was made anew
        // Another device's open transaction can hold the last stable offset for as long as its time-out and the coordinator's scan.
        TimeSpan limit = options.TransactionTimeout + TimeSpan.FromSeconds(30);
        await Task.Run(() => Read(place, end, limit, cancellationToken), CancellationToken.None).ConfigureAwait(false);
        return Parse();
    }

    private async Task<long> EndAsync(IAdminClient admin, TopicPartition place, CancellationToken cancellationToken)
    {
        ListOffsetsResult result = await admin.ListOffsetsAsync([new TopicPartitionOffsetSpec { TopicPartition = place, OffsetSpec = OffsetSpec.Latest() }],
            new ListOffsetsOptions { IsolationLevel = IsolationLevel.ReadUncommitted, RequestTimeout = options.SocketTimeout }).WaitAsync(options.SocketTimeout * 2, cancellationToken).ConfigureAwait(false);
        TopicPartitionOffsetError found = result.ResultInfos[0].TopicPartitionOffsetError;
        if (found.Error.IsError) throw new KafkaException(found.Error);
        return found.Offset.Value;
    }

    private void Read(TopicPartition place, long end, TimeSpan limit, CancellationToken cancellationToken)
    {
        if (_from >= end) return;
        Error? fatal = null;
        using IConsumer<byte[]?, byte[]?> consumer = new ConsumerBuilder<byte[]?, byte[]?>(ClientSettings.CursorConsumer(options, deviceId))
            .SetLogHandler(static (_, _) => { })
            .SetErrorHandler((_, error) => { if (error.IsFatal || error.Code is ErrorCode.TopicAuthorizationFailed or ErrorCode.GroupAuthorizationFailed) fatal = error; }).Build();
        consumer.Assign(new TopicPartitionOffset(place, _from == 0 ? Offset.Beginning : new Offset(_from)));
        long start = Environment.TickCount64;
        while (_from < end)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (fatal is not null) throw new KafkaException(fatal);
            if (Environment.TickCount64 - start > limit.TotalMilliseconds)
                throw new TimeoutException($"Topic {place.Topic} partition {place.Partition.Value} could be read up to {_from} of {end} only within {limit}: a transaction is open there.");
            ConsumeResult<byte[]?, byte[]?>? result = consumer.Consume(100);
            if (result is null) continue;
            _from = result.IsPartitionEOF ? Math.Max(_from, result.Offset.Value) : result.Offset.Value + 1; // the end of the partition counts the markers
            if (result.IsPartitionEOF || result.Message.Key is not { } key) continue;
            string name = Encoding.UTF8.GetString(key);
            if (name != DeviceRecord.KeyOf(deviceId) && !name.StartsWith($"c/{deviceId}/", StringComparison.Ordinal)) continue;
            if (result.Message.Value is { } value) _own[name] = value;
            else _own.Remove(name);
        }
        consumer.Unassign();
    }

    private CentralState Parse()
    {
        DeviceRecord? device = null;
        var cursors = new Dictionary<string, CentralCursor>(StringComparer.Ordinal);
        foreach ((string key, byte[] value) in _own)
        {
            if (key.StartsWith("d/", StringComparison.Ordinal)) device = DeviceRecord.Parse(value) ?? throw new FormatException($"The record {key} of edge.cursors cannot be read.");
            else cursors[key] = CentralCursor.Parse(value) ?? throw new FormatException($"The record {key} of edge.cursors cannot be read.");
        }
        return new CentralState(device, cursors);
    }

    private void Forget(TopicPartition place)
    {
        _own.Clear();
        _place = place;
        _from = 0;
    }
}
