using Edge.Catalog.Users;
using Edge.Kafka.Protocol;
using Edge.Kafka.Server;
using Edge.Kafka.Transactions;

namespace Edge.Kafka.Apis;

/// <summary>All transactional ids, or some by state, producer or age (key 66).</summary>
internal sealed class ListTransactionsApi(BrokerContext broker) : IKafkaApi
{
    /// <summary>States Kafka has and this broker never shows: known to the filter, matched by nothing.</summary>
    private static readonly string[] OtherStates = ["PrepareCommit", "PrepareAbort", "PrepareEpochFence", "Dead"];

    public ApiKey Key => ApiKey.ListTransactions;
    public short MinVersion => 0;
    public short MaxVersion => 1;
    public short FirstFlexible => 0;

    /// <param name="MinDurationMs">-1 = any.</param>
    internal sealed record Request(List<string> States, List<long> ProducerIds, long MinDurationMs);

    internal static Request Parse(ref KafkaReader reader, short version)
    {
        List<string> states = reader.ReadStringArray();
        int count = reader.ReadArrayLength(8);
        var ids = new List<long>(count);
        for (int i = 0; i < count; i++) ids.Add(reader.ReadInt64());
        long duration = version >= 1 ? reader.ReadInt64() : -1;
        reader.SkipTags();
        return new(states, ids, duration);
    }

    public ValueTask<ApiResult> HandleAsync(KafkaRequest request, KafkaWriter response)
    {
        KafkaReader reader = request.OpenBody();
        Request message = Parse(ref reader, request.Version);
        List<string> unknown = [.. message.States.Where(s => !Enum.TryParse<TransactionState>(s, out _) && !OtherStates.Contains(s))];
        long now = broker.Offsets.NowMs;
        List<(string Id, TransactionMetadata State)> found = [];
        foreach (TransactionEntry entry in request.Session.MayEverywhere(AclOperation.Subscribe) ? broker.Transactions.Entries : [])
        {
            if (entry.Current is { } current && Matches(message, current, now)) found.Add((entry.Id, current));
        }
        response.WriteInt32(0);
        response.WriteError(ErrorCode.None);
        response.WriteArrayLength(unknown.Count);
        foreach (string state in unknown) response.WriteString(state);
        response.WriteArrayLength(found.Count);
        foreach ((string id, TransactionMetadata state) in found)
        {
            response.WriteString(id);
            response.WriteInt64(state.ProducerId);
            response.WriteString(state.State.ToString());
            response.WriteTags();
        }
        response.WriteTags();
        return new(ApiResult.Respond);
    }

    private static bool Matches(Request wanted, TransactionMetadata state, long nowMs) =>
        (wanted.States.Count == 0 || wanted.States.Contains(state.State.ToString()))
        && (wanted.ProducerIds.Count == 0 || wanted.ProducerIds.Contains(state.ProducerId))
        && (wanted.MinDurationMs < 0 || (state.StartedMs >= 0 && nowMs - state.StartedMs > wanted.MinDurationMs));
}
