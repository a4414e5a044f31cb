using Edge.Kafka.Protocol;
using Edge.Kafka.Server;
using Edge.Log;
using Edge.Log.Commit;
using Edge.Log.Records;
using Edge.Log.Topics;

namespace Edge.Kafka.Apis;

/// <summary>Writes batches (key 0). Answered when they are durable, for acks 1 and all alike; acks 0 gets no answer.</summary>
/// <remarks>
/// All batches are submitted before the first await, so the connection may start the next request at once: an idempotent producer has five requests in flight, and
/// their order is the order of submission. Versions 0 to 2 are advertised for old clients that look for them, and refused (KAFKA.md 1.1).
/// </remarks>
internal sealed class ProduceApi(BrokerContext broker) : IKafkaApi
{
    public ApiKey Key => ApiKey.Produce;
    public short MinVersion => 0;
    public short MaxVersion => 9;
    public short FirstFlexible => 9;

    /// <remarks>While there is plenty of room every batch is submitted at once. Near the bound of admission control a batch may have to wait for room, and a later one
    /// must not overtake it: then the connection goes one request at a time, which is what back-pressure should look like.</remarks>
    public bool MayRunAhead() => broker.Ingest.InFlightBytes < broker.Ingest.Options.MaxInFlightBytes / 2;

    private readonly record struct Answer(ErrorCode Error, long BaseOffset, long LogStartOffset, string? Reason);

    private readonly record struct Pending(Answer Answer, int Records, ValueTask<AppendResult> Append, bool IsSubmitted);

    public ValueTask<ApiResult> HandleAsync(KafkaRequest request, KafkaWriter response)
    {
        KafkaReader reader = request.OpenBody();
        ProduceRequest message = ProduceRequest.Parse(ref reader, request.Version);
        var pending = new List<Pending>();
        foreach (ProduceRequest.TopicData topic in message.Topics)
        {
            foreach (ProduceRequest.PartitionData partition in topic.Partitions) pending.Add(Submit(request, message, topic.Name, partition));
        }
        return FinishAsync(request, message, pending, response);
    }

    private Pending Submit(KafkaRequest request, ProduceRequest message, string topic, in ProduceRequest.PartitionData data)
    {
        if (request.Version < 3) return Refused(ErrorCode.UnsupportedVersion, "Produce versions 0 to 2 carry message formats that are no longer stored.");
        if (message.Acks is < -1 or > 1) return Refused(ErrorCode.InvalidRequiredAcks, $"acks is {message.Acks}; use -1 (all), 0 or 1.");
        if (!broker.TryGetPartition(topic, data.Index, out Partition partition))
            return Refused(ErrorCode.UnknownTopicOrPartition, $"Partition {data.Index} of topic '{topic}' does not exist.");
        if (partition.Topic.IsInternal) return Refused(ErrorCode.InvalidTopic, $"Topic '{topic}' is internal; it is written by the appliance alone.");
        if (data.Length <= 0) return Refused(ErrorCode.InvalidRecord, "There are no records.");
        Memory<byte> batch = request.SliceBody(data.Start, data.Length);
        BatchVerdict verdict = BatchValidator.Validate(batch.Span, request.Version, new(
            broker.Journal.Options.MaxBatchBytes, broker.Ingest.Options.MaxRecordBytes, broker.Options.MaxDecompressedBytes));
        if (verdict.Error != ErrorCode.None) return Refused(verdict.Error, verdict.Reason);
        return new(default, verdict.RecordCount, broker.Ingest.AppendBatchAsync(partition, batch, CancellationToken.None), true);
    }

    private static Pending Refused(ErrorCode error, string? reason) => new(new(error, -1, -1, reason), 0, default, false);

    private async ValueTask<ApiResult> FinishAsync(KafkaRequest request, ProduceRequest message, List<Pending> pending, KafkaWriter response)
    {
        var answers = new List<Answer>(pending.Count);
        bool isRefused = false;
        foreach (Pending one in pending)
        {
            // Every submitted batch is awaited, whatever the others did: the journal reads from the frame's memory until then.
            Answer answer = one.IsSubmitted ? await AwaitAsync(one).ConfigureAwait(false) : one.Answer;
            if (answer.Error != ErrorCode.None) broker.Statistics.BatchRefused();
            isRefused |= answer.Error != ErrorCode.None;
            answers.Add(answer);
        }
        if (message.Acks == 0) return isRefused ? ApiResult.Close : ApiResult.NoResponse;
        WriteResponse(response, request.Version, message, answers);
        return ApiResult.Respond;
    }

    private async ValueTask<Answer> AwaitAsync(Pending one)
    {
        AppendResult result;
        try
        {
            result = await one.Append.ConfigureAwait(false);
        }
        catch (EdgeException e)
        {
            return new(ErrorCode.KafkaStorageError, -1, -1, e.Message);
        }
        switch (result.Status)
        {
            case AppendStatus.Ok:
                broker.Statistics.BatchStored(one.Records);
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
