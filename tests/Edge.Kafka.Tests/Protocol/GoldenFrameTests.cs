using Edge.Kafka.Apis;
using Edge.Kafka.Groups;
using Edge.Kafka.Protocol;
using Xunit;

namespace Edge.Kafka.Tests.Protocol;

/// <summary>Bodies as kafka-python 2.0.2 encodes them: an encoder that was not written here.</summary>
public sealed class GoldenFrameTests
{
    private delegate T Parser<T>(ref KafkaReader reader);

    private static T Parse<T>(string hex, Parser<T> parse)
    {
        var reader = new KafkaReader(Convert.FromHexString(hex));
        T message = parse(ref reader);
        Assert.Equal(0, reader.BytesLeft);
        return message;
    }

    [Fact]
    public void Produce_Version7()
    {
        ProduceRequest message = Parse("FFFFFFFF0000753000000001000174000000010000000200000003010203", (ref KafkaReader r) => ProduceRequest.Parse(ref r, 7));
        Assert.Equal((null, (short)-1, 30_000), (message.TransactionalId, message.Acks, message.TimeoutMs));
        Assert.Equal("t", message.Topics[0].Name);
        Assert.Equal((2, 3), (message.Topics[0].Partitions[0].Index, message.Topics[0].Partitions[0].Length));
    }

    [Theory]
    [InlineData("FFFFFFFF000001F4000000010320000000000000010001740000000100000002000000000000004D00100000", 4, 0, -1, -1)]
    [InlineData("FFFFFFFF000001F4000000010320000000000000050000000600000001000174000000010000000200000003000000000000004DFFFFFFFFFFFFFFFF0010000000000000", 10, 5, 6, 3)]
    public void Fetch_Versions4And10(string hex, short version, int session, int sessionEpoch, int leaderEpoch)
    {
        FetchRequest message = Parse(hex, (ref KafkaReader r) => FetchRequest.Parse(ref r, version));
        Assert.Equal((500, 1, 50 << 20, session, sessionEpoch), (message.MaxWaitMs, message.MinBytes, message.MaxBytes, message.SessionId, message.SessionEpoch));
        Assert.Equal(new FetchRequest.PartitionFetch(2, leaderEpoch, 77, 1 << 20), Assert.Single(Assert.Single(message.Topics).Partitions));
    }

    [Theory]
    [InlineData("FFFFFFFF000000010001740000000100000002FFFFFFFFFFFFFFFF", 1, -1, -1)]
    [InlineData("FFFFFFFF010000000100017400000001000000020000011F71FB04CB", 3, -1, 1234567890123)]
    public void ListOffsets_Versions1And3(string hex, short version, int epoch, long timestamp)
    {
        ListOffsetsApi.Request message = Parse(hex, (ref KafkaReader r) => ListOffsetsApi.Parse(ref r, version));
        Assert.Equal(new ListOffsetsApi.PartitionRequest(2, epoch, timestamp), Assert.Single(Assert.Single(message.Topics).Partitions));
    }

    [Fact]
    public void Metadata_Versions1And5()
    {
        MetadataApi.Request all = Parse("FFFFFFFF", (ref KafkaReader r) => MetadataApi.Parse(ref r, 1));
        Assert.Null(all.Topics);
        Assert.True(all.AllowAutoCreate);
        MetadataApi.Request two = Parse("0000000200016100016200", (ref KafkaReader r) => MetadataApi.Parse(ref r, 5));
        Assert.Equal(["a", "b"], two.Topics!.Select(t => t.Name));
        Assert.False(two.AllowAutoCreate);
    }

    [Fact]
    public void OffsetCommitAndFetch()
    {
        OffsetCommitApi.Request commit = Parse("0001670000000400016DFFFFFFFFFFFFFFFF000000010001740000000100000002000000000000004D00046D657461", (ref KafkaReader r) => OffsetCommitApi.Parse(ref r, 2));
        Assert.Equal(("g", 4, "m"), (commit.GroupId, commit.Generation, commit.MemberId));
        Assert.Equal(new OffsetCommitApi.PartitionCommit(2, 77, -1, "meta"), Assert.Single(Assert.Single(commit.Topics).Partitions));
        Assert.Null(Assert.Single(Parse("000167FFFFFFFF", (ref KafkaReader r) => OffsetFetchApi.Parse(ref r, 2)).Groups).Topics);
        OffsetFetchApi.GroupWanted some = Assert.Single(Parse("00016700000001000174000000020000000000000001", (ref KafkaReader r) => OffsetFetchApi.Parse(ref r, 1)).Groups);
        Assert.Equal([0, 1], Assert.Single(some.Topics!).Partitions);
    }

    [Fact]
    public void GroupRequests()
    {
        FindCoordinatorApi.Request find = Parse("00016701", (ref KafkaReader r) => FindCoordinatorApi.Parse(ref r, 1));
        Assert.Equal((1, "g"), (find.KeyType, Assert.Single(find.Keys)));
        JoinRequest join = Parse("000167000027100000EA6000016D0008636F6E73756D657200000001000572616E67650000000107", (ref KafkaReader r) => JoinGroupApi.Parse(ref r, 2, "c", "h"));
        Assert.Equal(("g", TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(60), "m", "consumer"), (join.GroupId, join.SessionTimeout, join.RebalanceTimeout, join.MemberId, join.ProtocolType));
        Assert.Equal("range", Assert.Single(join.Protocols).Name);
        SyncRequest sync = Parse("0001670000000400016D0000000100016D0000000109", (ref KafkaReader r) => SyncGroupApi.Parse(ref r, 1));
        Assert.Equal([9], sync.Assignments["m"]);
    }

    [Fact]
    public void CreateTopics_Version3()
    {
        CreateTopicsApi.Request create = Parse("000000010001740000000300010000000000000001000C726574656E74696F6E2E6D73000536303030300000753001", (ref KafkaReader r) => CreateTopicsApi.Parse(ref r));
        CreateTopicsApi.NewTopic topic = Assert.Single(create.Topics);
        Assert.Equal(("t", 3, (short)1, true), (topic.Name, topic.Partitions, topic.ReplicationFactor, create.ValidateOnly));
        Assert.Equal(new CreateTopicsApi.ConfigValue("retention.ms", "60000"), Assert.Single(topic.Configs));
    }

    [Fact]
    public void JoinGroupResponse_Version2()
    {
        using var writer = new KafkaWriter();
        JoinGroupApi.Write(writer, 2, new(ErrorCode.None, 5, "consumer", "range", "m", "m", [new("m", null, [7])]));
        Assert.Equal("00000000000000000005000572616E676500016D00016D0000000100016D0000000107", Convert.ToHexString(writer.Written.Span));
    }
}
