using Edge.Kafka.Protocol;
using Edge.Kafka.Server;

namespace Edge.Kafka.Apis;

/// <summary>Partitions that move between brokers (key 46): with one broker there are none. Tools ask before they describe topics.</summary>
internal sealed class ListPartitionReassignmentsApi : IKafkaApi
{
    public ApiKey Key => ApiKey.ListPartitionReassignments;
    public short MinVersion => 0;
    public short MaxVersion => 0;
    public short FirstFlexible => 0;

    internal static void Parse(ref KafkaReader reader)
    {
        reader.ReadInt32(); // time-out
        int count = reader.ReadArrayLength(2);
        for (int t = 0; t < count; t++)
        {
            reader.ReadString();
            reader.ReadInt32Array();
            reader.SkipTags();
        }
        reader.SkipTags();
    }

    public ValueTask<ApiResult> HandleAsync(KafkaRequest request, KafkaWriter response)
    {
        KafkaReader reader = request.OpenBody();
        Parse(ref reader);
        response.WriteInt32(0);
        response.WriteError(ErrorCode.None);
        response.WriteNullableString(null);
        response.WriteArrayLength(0);
        response.WriteTags();
        return new(ApiResult.Respond);
    }
}
