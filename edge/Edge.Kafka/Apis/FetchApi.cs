using Edge.Catalog.Users;
using Edge.Kafka.Protocol;
using Edge.Kafka.Server;
using Edge.Log.Topics;
using Edge.Log.Transactions;

namespace Edge.Kafka.Apis;

/// <summary>Reads batches (key 1), byte for byte as they lie in the journal. Without sessions: every answer has session id 0, which tells clients to do without.</summary>
/// <remarks>A request that finds too little waits for the high watermark of one of its partitions to move, holding neither a thread nor a buffer.</remarks>
internal sealed class FetchApi(BrokerContext broker) : IKafkaApi
{
    private const int SmallBytes = 256 << 10, MaxAborted = 1000;

    public ApiKey Key => ApiKey.Fetch;
    public short MinVersion => 4;
    public short MaxVersion => 13;
    public short FirstFlexible => 12;

    public async ValueTask<ApiResult> HandleAsync(KafkaRequest request, KafkaWriter response)
    {
        FetchRequest message = ParseBody(request);
        if (request.Version >= 13) Resolve(message.Topics);
        int start = response.Length;
        if (message.SessionId != 0)
        {
            WriteHead(response, request.Version, ErrorCode.FetchSessionIdNotFound, 0);
            response.WriteTags();
            return ApiResult.Respond;
        }
        TimeSpan maxWait = TimeSpan.FromMilliseconds(Math.Clamp(message.MaxWaitMs, 0, 300_000)), left = maxWait;
        long began = broker.TimeProvider.GetTimestamp();
        while (true)
        {
            using var changed = new AdvanceSignal();
            // Registered before reading: what becomes durable in between is not missed.
            if (left > TimeSpan.Zero) Watch(changed, message);
            if (await TryAnswerAsync(request, message, response, mustAnswer: left <= TimeSpan.Zero).ConfigureAwait(false)) return ApiResult.Respond;
            response.Truncate(start);
            await changed.WaitAsync(left, broker.TimeProvider, request.Aborted).ConfigureAwait(false);
            left = maxWait - broker.TimeProvider.GetElapsedTime(began);
        }
    }

    /// <summary>A topic that was deleted and made again has another id: its reader is told, instead of being given the other one's records.</summary>
    private void Resolve(List<FetchRequest.TopicFetch> topics)
    {
        for (int i = 0; i < topics.Count; i++)
        {
            if (broker.Journal.Topics.TryGet(topics[i].Id, out Topic topic) && !topic.IsDeleted) topics[i] = topics[i] with { Name = topic.Name };
        }
    }

    private static FetchRequest ParseBody(KafkaRequest request)
    {
        KafkaReader reader = request.OpenBody();
        return FetchRequest.Parse(ref reader, request.Version);
    }

    private void Watch(AdvanceSignal signal, FetchRequest message)
    {
        foreach (FetchRequest.TopicFetch topic in message.Topics)
        {
            foreach (FetchRequest.PartitionFetch wanted in topic.Partitions)
            {
                if (broker.TryGetPartition(topic.Name, wanted.Index, out Partition partition)) signal.Add(partition);
            }
        }
    }

    /// <summary>Writes the whole response. False: there is not enough yet, and the client is willing to wait.</summary>
    private async ValueTask<bool> TryAnswerAsync(KafkaRequest request, FetchRequest message, KafkaWriter response, bool mustAnswer)
    {
        if (!mustAnswer && !IsWorthReading(request, message)) return false;
        int wanted = Math.Clamp(message.MaxBytes, 1, broker.Options.MaxFetchBytes);
        int taken = 0;
        if (broker.Budget.TryTake(wanted)) taken = wanted;
        else taken = await broker.Budget.TakeAsync(Math.Min(wanted, SmallBytes), request.Aborted).ConfigureAwait(false);
        bool isKept = false;
        try
        {
            (int bytes, bool hasError) = Write(request, message, response, taken);
            isKept = mustAnswer || hasError || bytes >= Math.Min(message.MinBytes, taken);
            if (isKept) request.HoldUntilSent(taken);
            return isKept;
        }
        finally
        {
            if (!isKept) broker.Budget.Return(taken);
        }
    }

    /// <summary>A cheap look before a buffer is taken: is there anything behind a fetch offset, or an error to tell?</summary>
    private bool IsWorthReading(KafkaRequest request, FetchRequest message)
    {
        if (message.MinBytes <= 0 || message.Topics.Count == 0) return true;
        foreach (FetchRequest.TopicFetch topic in message.Topics)
        {
            foreach (FetchRequest.PartitionFetch wanted in topic.Partitions)
            {
                if (Access.Find(broker, request, AclOperation.Subscribe, topic.Name, wanted.Index, out Partition partition) != ErrorCode.None) return true;
                long highWatermark = partition.HighWatermark, end = message.ReadCommitted ? partition.LastStableOffset : highWatermark;
                if (wanted.Offset < end || wanted.Offset > highWatermark
                    || LeaderEpoch.Check(wanted.CurrentLeaderEpoch, broker.Journal.Epoch) != ErrorCode.None) return true;
            }
        }
        return false;
    }

    private static void WriteHead(KafkaWriter response, short version, ErrorCode error, int topicCount)
    {
        response.WriteInt32(0);
        if (version >= 7)
        {
            response.WriteError(error);
            response.WriteInt32(0);
        }
        response.WriteArrayLength(topicCount);
    }

    private (int Bytes, bool HasError) Write(KafkaRequest request, FetchRequest message, KafkaWriter response, int maxBytes)
    {
        short version = request.Version;
        int bytes = 0;
        bool hasError = false;
        WriteHead(response, version, ErrorCode.None, message.Topics.Count);
        foreach (FetchRequest.TopicFetch topic in message.Topics)
        {
            if (version >= 13) response.WriteUuid(topic.Id);
            else response.WriteString(topic.Name);
            response.WriteArrayLength(topic.Partitions.Count);
            foreach (FetchRequest.PartitionFetch wanted in topic.Partitions)
            {
                (int read, ErrorCode error) = WritePartition(request, response, topic.Name, wanted, message.ReadCommitted, Math.Min(wanted.MaxBytes, maxBytes - bytes), isFirst: bytes == 0);
                bytes += read;
                hasError |= error != ErrorCode.None;
            }
            response.WriteTags();
        }
        response.WriteTags();
        return (bytes, hasError);
    }

    /// <summary>The aborted transactions a reader from <paramref name="from"/> must know of. Bounded: of very many only the first, and the read ends where the next begins.</summary>
    private static IReadOnlyList<AbortedTransaction> Aborted(Partition partition, long from, ref long end)
    {
        IReadOnlyList<AbortedTransaction> all = partition.AbortedTransactions(from, end);
        if (all.Count <= MaxAborted) return all;
        int count = MaxAborted;
        while (count < all.Count && all[count].FirstOffset <= from) count++;
        if (count == all.Count) return all;
        end = all[count].FirstOffset;
        return [.. all.Take(count)];
    }

    private static void WriteAborted(KafkaWriter response, short version, IReadOnlyList<AbortedTransaction> aborted)
    {
        response.WriteArrayLength(aborted.Count == 0 && version < 12 ? -1 : aborted.Count);
        foreach (AbortedTransaction transaction in aborted)
        {
            response.WriteInt64(transaction.ProducerId);
            response.WriteInt64(transaction.FirstOffset);
            response.WriteTags();
        }
    }

    /// <param name="isFirst">Nothing was read yet: one batch goes out whatever its size, or a client whose limit is smaller would never get on.</param>
    private (int Bytes, ErrorCode Error) WritePartition(
        KafkaRequest request, KafkaWriter response, string topic, in FetchRequest.PartitionFetch wanted, bool readCommitted, int maxBytes, bool isFirst)
    {
        short version = request.Version;
        ErrorCode error = Access.Find(broker, request, AclOperation.Subscribe, topic, wanted.Index, out Partition partition);
        if (version >= 13 && topic.Length == 0) error = ErrorCode.UnknownTopicId;
        if (error == ErrorCode.None) error = LeaderEpoch.Check(wanted.CurrentLeaderEpoch, broker.Journal.Epoch);
        if (error == ErrorCode.None && (wanted.Offset < partition.LogStartOffset || wanted.Offset > partition.HighWatermark)) error = ErrorCode.OffsetOutOfRange;
        bool isReadable = error == ErrorCode.None;
        // In this order: what was aborted is on record before the last stable offset moves over it.
        long highWatermark = isReadable ? partition.HighWatermark : -1, lastStableOffset = isReadable ? partition.LastStableOffset : -1;
        long end = readCommitted ? lastStableOffset : highWatermark;
        IReadOnlyList<AbortedTransaction> aborted = isReadable && readCommitted && wanted.Offset < end ? Aborted(partition, wanted.Offset, ref end) : [];
        response.WriteInt32(wanted.Index);
        int errorAt = response.Length;
        response.WriteError(error);
        response.WriteInt64(highWatermark);
        response.WriteInt64(lastStableOffset);
        if (version >= 5) response.WriteInt64(isReadable ? partition.LogStartOffset : -1);
        WriteAborted(response, version, aborted);
        if (version >= 11) response.WriteInt32(-1);        // preferred read replica
        int likely = isReadable ? (int)Math.Min(Math.Max(maxBytes, 0), Math.Max(end - wanted.Offset, 0) * 200) : 0;
        int start = response.BeginBytes(likely);
        if (isReadable && (maxBytes > 0 || isFirst) && wanted.Offset < end)
        {
            ReadStatus status = partition.Read(wanted.Offset, end, Math.Max(maxBytes, 1), isFirst, response).Status;
            if (status != ReadStatus.Ok)
            {
                error = status == ReadStatus.OffsetOutOfRange ? ErrorCode.OffsetOutOfRange : ErrorCode.KafkaStorageError;
                response.Truncate(start);
                response.PatchInt16(errorAt, (short)error);
            }
        }
        int bytes = response.Length - start;
        response.EndBytes(start, likely);
        response.WriteTags();
        return (bytes, error);
    }
}
