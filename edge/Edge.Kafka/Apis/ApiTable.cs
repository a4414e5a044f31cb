using Edge.Kafka.Protocol;
using Edge.Kafka.Server;

namespace Edge.Kafka.Apis;

/// <summary>All APIs of the listener. What is in here is what is advertised.</summary>
internal sealed class ApiTable
{
    private readonly IKafkaApi?[] _byKey = new IKafkaApi?[128];

    public ApiTable(BrokerContext broker)
    {
        ApiVersions = new(() => All!);
        All =
        [
            new ProduceApi(broker), new FetchApi(broker), new ListOffsetsApi(broker), new MetadataApi(broker),
            new OffsetCommitApi(broker), new OffsetFetchApi(broker), new FindCoordinatorApi(broker),
            new JoinGroupApi(broker), new HeartbeatApi(broker), new LeaveGroupApi(broker), new SyncGroupApi(broker),
            new DescribeGroupsApi(broker), new ListGroupsApi(broker), ApiVersions,
            new CreateTopicsApi(broker), new DeleteTopicsApi(broker), new InitProducerIdApi(broker), new OffsetForLeaderEpochApi(broker),
            new DescribeConfigsApi(broker), new CreatePartitionsApi(broker), new DeleteGroupsApi(broker), new OffsetDeleteApi(broker), new DescribeClusterApi(broker),
            new AddPartitionsToTxnApi(broker), new AddOffsetsToTxnApi(broker), new EndTxnApi(broker), new TxnOffsetCommitApi(broker),
            new SaslHandshakeApi(), new SaslAuthenticateApi(broker),
            new DeleteRecordsApi(broker), new AlterConfigsApi(broker), new IncrementalAlterConfigsApi(broker), new DescribeLogDirsApi(broker), new ListPartitionReassignmentsApi(),
            new DescribeProducersApi(broker), new DescribeTransactionsApi(broker), new ListTransactionsApi(broker),
        ];
        foreach (IKafkaApi api in All) _byKey[(int)api.Key] = api;
    }

    public IReadOnlyList<IKafkaApi> All { get; }
    public ApiVersionsApi ApiVersions { get; }

    /// <returns>Null when that version of that API is not offered.</returns>
    public IKafkaApi? Find(short key, short version) =>
        (uint)key < (uint)_byKey.Length && _byKey[key] is { } api && version >= api.MinVersion && version <= api.MaxVersion ? api : null;
}
