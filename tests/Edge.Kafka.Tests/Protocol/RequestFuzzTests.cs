using Edge.Kafka.Apis;
using Edge.Kafka.Protocol;
using Xunit;
using Xunit.Abstractions;

namespace Edge.Kafka.Tests.Protocol;

/// <summary>Goal: no bytes make a request parser throw anything but the declared exception, or allocate out of proportion.</summary>
public sealed class RequestFuzzTests(ITestOutputHelper output)
{
    internal delegate void Parser(ref KafkaReader reader, short version);

    internal static readonly (string Name, short Min, short Max, short Flexible, Parser Parse)[] Parsers =
    [
        ("Produce", 0, 9, 9, (ref r, v) => ProduceRequest.Parse(ref r, v)),
        ("Fetch", 4, 13, 12, (ref r, v) => FetchRequest.Parse(ref r, v)),
        ("ListOffsets", 1, 8, 6, (ref r, v) => ListOffsetsApi.Parse(ref r, v)),
        ("Metadata", 0, 12, 9, (ref r, v) => MetadataApi.Parse(ref r, v)),
        ("OffsetCommit", 2, 8, 8, (ref r, v) => OffsetCommitApi.Parse(ref r, v)),
        ("OffsetFetch", 1, 8, 6, (ref r, v) => OffsetFetchApi.Parse(ref r, v)),
        ("FindCoordinator", 0, 4, 3, (ref r, v) => FindCoordinatorApi.Parse(ref r, v)),
        ("JoinGroup", 0, 7, 6, (ref r, v) => JoinGroupApi.Parse(ref r, v, "c", "h")),
        ("Heartbeat", 0, 4, 4, (ref r, v) => HeartbeatApi.Parse(ref r, v)),
        ("LeaveGroup", 0, 5, 4, (ref r, v) => LeaveGroupApi.Parse(ref r, v)),
        ("SyncGroup", 0, 5, 4, (ref r, v) => SyncGroupApi.Parse(ref r, v)),
        ("DescribeGroups", 0, 5, 5, (ref r, v) => DescribeGroupsApi.Parse(ref r, v)),
        ("ListGroups", 0, 5, 3, (ref r, v) => ListGroupsApi.Parse(ref r, v)),
        ("CreateTopics", 2, 7, 5, (ref r, v) => CreateTopicsApi.Parse(ref r)),
        ("DeleteTopics", 1, 6, 4, (ref r, v) => DeleteTopicsApi.Parse(ref r, v)),
        ("InitProducerId", 0, 4, 2, (ref r, v) => InitProducerIdApi.Parse(ref r, v)),
        ("OffsetForLeaderEpoch", 2, 4, 4, (ref r, v) => OffsetForLeaderEpochApi.Parse(ref r, v)),
        ("DescribeConfigs", 1, 4, 4, (ref r, v) => DescribeConfigsApi.Parse(ref r, v)),
        ("CreatePartitions", 0, 3, 2, (ref r, v) => CreatePartitionsApi.Parse(ref r)),
        ("DeleteGroups", 0, 2, 2, (ref r, v) => DeleteGroupsApi.Parse(ref r)),
        ("OffsetDelete", 0, 0, short.MaxValue, (ref r, v) => OffsetDeleteApi.Parse(ref r)),
        ("AddPartitionsToTxn", 0, 3, 3, (ref r, v) => AddPartitionsToTxnApi.Parse(ref r)),
        ("AddOffsetsToTxn", 0, 3, 3, (ref r, v) => AddOffsetsToTxnApi.Parse(ref r)),
        ("EndTxn", 0, 3, 3, (ref r, v) => EndTxnApi.Parse(ref r)),
        ("TxnOffsetCommit", 0, 3, 3, (ref r, v) => TxnOffsetCommitApi.Parse(ref r, v)),
        ("AlterConfigs", 0, 2, 2, (ref r, v) => AlterConfigsApi.Parse(ref r)),
        ("IncrementalAlterConfigs", 0, 1, 1, (ref r, v) => IncrementalAlterConfigsApi.Parse(ref r)),
        ("DescribeLogDirs", 1, 4, 2, (ref r, v) => DescribeLogDirsApi.Parse(ref r)),
        ("ListPartitionReassignments", 0, 0, 0, (ref r, v) => ListPartitionReassignmentsApi.Parse(ref r)),
        ("DescribeProducers", 0, 0, 0, (ref r, v) => DescribeProducersApi.Parse(ref r)),
        ("DescribeTransactions", 0, 0, 0, (ref r, v) => DescribeTransactionsApi.Parse(ref r)),
        ("ListTransactions", 0, 1, 0, (ref r, v) => ListTransactionsApi.Parse(ref r, v)),
        ("DeleteRecords", 0, 2, 2, (ref r, v) => DeleteRecordsApi.Parse(ref r)),
        ("SaslHandshake", 0, 1, short.MaxValue, (ref r, v) => SaslHandshakeApi.Parse(ref r)),
        ("SaslAuthenticate", 0, 2, 2, (ref r, v) => SaslAuthenticateApi.Parse(ref r)),
        ("DescribeCluster", 0, 1, 0, (ref r, v) => DescribeClusterApi.Parse(ref r, v)),
    ];

    [Fact]
    public void Parse_RandomBytes_OnlyTheProtocolExceptionAndBoundedMemory()
    {
        int seed = Random.Shared.Next();
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        foreach ((string name, short min, short max, short flexible, Parser parse) in Parsers)
        {
            for (short version = min; version <= max; version++)
            {
                for (int run = 0; run < 300; run++)
                {
                    byte[] bytes = RandomBytes(random);
                    long before = GC.GetAllocatedBytesForCurrentThread();
                    try
                    {
                        var reader = new KafkaReader(bytes, version >= flexible);
                        parse(ref reader, version);
                    }
                    catch (KafkaProtocolException)
                    {
                        // The declared answer to bytes that are no request.
                    }
                    catch (Exception e)
                    {
                        Assert.Fail($"{name} version {version}, seed {seed}: {e}");
                    }
                    long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
                    Assert.True(allocated < 64 * 1024 + 128L * bytes.Length, $"{name} version {version}, seed {seed}: {allocated} bytes for {bytes.Length}");
                }
            }
        }
    }

    // Mostly small numbers, so that lengths fit and the parsers get far; now and then a huge one.
    private static byte[] RandomBytes(Random random)
    {
        byte[] bytes = new byte[random.Next(0, 400)];
        for (int i = 0; i < bytes.Length; i++) bytes[i] = random.Next(10) switch { < 6 => 0, < 9 => (byte)random.Next(6), _ => (byte)random.Next(256) };
        return bytes;
    }
}
