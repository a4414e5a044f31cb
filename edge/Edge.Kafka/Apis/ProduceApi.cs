using Edge.Catalog.Users;
using Edge.Kafka.Protocol;
using Edge.Kafka.Server;
using Edge.Log;
using Edge.Log.Commit;
using Edge.Log.Records;
using Edge.Log.Topics;

namespace Edge.Kafka.Apis;

/// <summary>Writes batches (key 0). Answered when they are durable, for acks 1 and all alike; acks 0 gets no answer.</summary>
/// <remarks>
/// A batch that has room is submitted before the first await, so the connection may start the next request at once: an idempotent producer has five requests in flight, and
/// their order is the order of submission. One that has to wait for room holds the connection's next request back, which is what back-pressure should look like. Versions 0 to 2 are advertised for old clients that look for them, and refused (KAFKA.md 1.1).
/// </remarks>
internal sealed class ProduceApi(BrokerContext broker) : IKafkaApi
{
    public ApiKey Key => ApiKey.Produce;
    public short MinVersion => 0;
    public short MaxVersion => 9;
    public short FirstFlexible => 9;

    private readonly record struct Answer(ErrorCode Error, long BaseOffset, long LogStartOffset, string? Reason);

    private readonly record struct Pending(Answer Answer, int Records, Task<AppendResult>? Append);

    public ValueTask<ApiResult> HandleAsync(KafkaRequest request, KafkaWriter response)
    {
        KafkaReader reader = request.OpenBody();
        ProduceRequest message = ProduceRequest.Parse(ref reader, request.Version);
        var pending = new List<Pending>();
        Task submitted = SubmitAllAsync(request, message, pending);
        request.InOrder = submitted;
        return FinishAsync(request, message, submitted, pending, response);
    }

    private async Task SubmitAllAsync(KafkaRequest request, ProduceRequest message, List<Pending> pending)
    {
        // Without acks a producer may send and hang up: what it sent in time is stored all the same.
        CancellationToken mayGiveUp = message.Acks == 0 ? CancellationToken.None : request.Aborted;
        foreach (ProduceRequest.TopicData topic in message.Topics)
        {
            foreach (ProduceRequest.PartitionData data in topic.Partitions)
            {
                (Pending one, Partition? partition, Memory<byte> batch) = Check(request, message, topic.Name, data);
                if (partition is not null)
                {
                    Task<AppendResult> appended;
                    while (!broker.Ingest.TryAppendBatch(partition, batch, out appended)) await broker.Ingest.WaitForRoomAsync(mayGiveUp).ConfigureAwait(false);
                    one = one with { Append = appended };
                }
                pending.Add(one);
            }
        }
    }

    /// <returns>The partition is null when the batch is refused.</returns>
    private (Pending One, Partition? Partition, Memory<byte> Batch) Check(KafkaRequest request, ProduceRequest message, string topic, in ProduceRequest.PartitionData data)
    {
        if (request.Version < 3) return Refused(ErrorCode.UnsupportedVersion, "Produce versions 0 to 2 carry message formats that are no longer stored.");
        if (message.Acks is < -1 or > 1) return Refused(ErrorCode.InvalidRequiredAcks, $"acks is {message.Acks}; use -1 (all), 0 or 1.");
        ErrorCode access = Access.Find(broker, request, AclOperation.Publish, topic, data.Index, out Partition partition);
        if (access == ErrorCode.TopicAuthorizationFailed) return Refused(access, $"User '{request.Session.UserName}' may not publish to topic '{topic}'.");
        if (access != ErrorCode.None) return Refused(access, $"Partition {data.Index} of topic '{topic}' does not exist.");
        if (partition.Topic.IsInternal) return Refused(ErrorCode.InvalidTopic, $"Topic '{topic}' is internal; it is written by the appliance alone.");
        if (data.Length <= 0) return Refused(ErrorCode.InvalidRecord, "There are no records.");
        Memory<byte> batch = request.SliceBody(data.Start, data.Length);
        BatchVerdict verdict = BatchValidator.Validate(batch.Span, request.Version, new(
            broker.Journal.Options.MaxBatchBytes, broker.Ingest.Options.MaxRecordBytes, broker.Options.MaxDecompressedBytes));
        if (verdict.Error != ErrorCode.None) return Refused(verdict.Error, verdict.Reason);
        long now = broker.TimeProvider.GetUtcNow().ToUnixTimeMilliseconds();
        if (!FutureTimestamps.TryClamp(ref batch, now, broker.Journal.Options.MaxBatchBytes, broker.Options.MaxDecompressedBytes, out int clamped))
            return Refused(ErrorCode.InvalidTimestamp, "The batch has timestamps in the future, and is too large to be stored with them corrected.");
        if (clamped > 0) broker.Statistics.TimestampsClamped(clamped);
        return (new(default, verdict.RecordCount, null), partition, batch);
    }

    private static (Pending One, Partition? Partition, Memory<byte> Batch) Refused(ErrorCode error, string? reason) => (new(new(error, -1, -1, reason), 0, null), null, default);

    private async ValueTask<ApiResult> FinishAsync(KafkaRequest request, ProduceRequest message, Task submitted, List<Pending> pending, KafkaWriter response)
    {
        await submitted.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        var answers = new List<Answer>(pending.Count);
        bool isRefused = false;
        foreach (Pending one in pending)
        {
            // Every submitted batch is awaited, whatever the others did: the journal reads from the frame's memory until then.
            Answer answer = one.Append is { } append ? await AwaitAsync(append, one.Records).ConfigureAwait(false) : one.Answer;
            if (answer.Error != ErrorCode.None) broker.Statistics.BatchRefused();
            isRefused |= answer.Error != ErrorCode.None;
            answers.Add(answer);
        }
        await submitted.ConfigureAwait(false); // ended while it waited for room: what was submitted is done, and the connection is gone
        if (message.Acks == 0) return isRefused ? ApiResult.Close : ApiResult.NoResponse;
        WriteResponse(response, request.Version, message, answers);
        return ApiResult.Respond;
    }

    private async ValueTask<Answer> AwaitAsync(Task<AppendResult> append, int records)
    {
        AppendResult result;
        try
        {
            result = await append.ConfigureAwait(false);
        }
        catch (EdgeException e)
        {
            return new(ErrorCode.KafkaStorageError, -1, -1, e.Message);
        }
        switch (result.Status)
        {
            case AppendStatus.Ok:
                broker.Statistics.BatchStored(records);
                return new(ErrorCode.None, result.BaseOffset, result.LogStartOffset, null);
            case AppendStatus.Duplicate:
                broker.Statistics.BatchDuplicate();
                return new(ErrorCode.None, result.BaseOffset, result.LogStartOffset, null);
            default:
                (ErrorCode error, string reason) = Map(result.Status);
                return new(error, -1, -1, reason);
        }
    }

    internal static (ErrorCode Error, string Reason) Map(AppendStatus status) => status switch
    {
        AppendStatus.BatchTooLarge => (ErrorCode.MessageTooLarge, "The batch is larger than the journal accepts."),
        // Retriable for every client, so that a full disk is back-pressure and not loss.
        AppendStatus.LogFull => (ErrorCode.KafkaStorageError, "The disk's bound is reached; records are accepted again when there is room."),
        AppendStatus.OutOfOrderSequence => (ErrorCode.OutOfOrderSequence, "The sequence does not follow the last one of this producer."),
        AppendStatus.InvalidProducerEpoch => (ErrorCode.InvalidProducerEpoch, "A newer epoch of this producer has written."),
        AppendStatus.InvalidTransaction => (ErrorCode.InvalidTxnState, "The batch does not belong to an open transaction of this producer that includes the partition."),
        AppendStatus.UnknownPartition => (ErrorCode.UnknownTopicOrPartition, "The topic was deleted."),
        AppendStatus.Fenced => (ErrorCode.KafkaStorageError, "The journal is read-only after a failed write."),
        _ => (ErrorCode.UnknownServerError, $"The append ended with {status}."),
    };

    private static void WriteResponse(KafkaWriter response, short version, ProduceRequest message, List<Answer> answers)
    {
        int next = 0;
        response.WriteArrayLength(message.Topics.Count);
        foreach (ProduceRequest.TopicData topic in message.Topics)
        {
            response.WriteString(topic.Name);
            response.WriteArrayLength(topic.Partitions.Count);
            foreach (ProduceRequest.PartitionData partition in topic.Partitions)
            {
                Answer answer = answers[next++];
                response.WriteInt32(partition.Index);
                response.WriteError(answer.Error);
                response.WriteInt64(answer.BaseOffset);
                if (version >= 2) response.WriteInt64(-1); // log append time: records keep the producer's
                if (version >= 5) response.WriteInt64(answer.LogStartOffset);
                if (version >= 8)
                {
                    response.WriteArrayLength(0);
                    response.WriteNullableString(answer.Reason);
                }
                response.WriteTags();
            }
            response.WriteTags();
        }
        if (version >= 1) response.WriteInt32(0);
        response.WriteTags();
    }
}
