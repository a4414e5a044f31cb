using Edge.Catalog.Users;
using Edge.Kafka.Groups;
using Edge.Kafka.Protocol;
using Edge.Kafka.Server;

namespace Edge.Kafka.Apis;

/// <summary>Forgets the offsets of groups without members (key 42).</summary>
internal sealed class DeleteGroupsApi(BrokerContext broker) : IKafkaApi
{
    public ApiKey Key => ApiKey.DeleteGroups;
    public short MinVersion => 0;
    public short MaxVersion => 2;
    public short FirstFlexible => 2;

    internal static List<string> Parse(ref KafkaReader reader)
    {
        List<string> groups = reader.ReadStringArray();
        reader.SkipTags();
        return groups;
    }

    public async ValueTask<ApiResult> HandleAsync(KafkaRequest request, KafkaWriter response)
    {
        List<string> groups = ParseBody(request);
        response.WriteInt32(0);
        response.WriteArrayLength(groups.Count);
        foreach (string group in groups)
        {
            ErrorCode error = request.Session.MayEverywhere(AclOperation.Admin) ? await DeleteAsync(group).ConfigureAwait(false) : ErrorCode.GroupAuthorizationFailed;
            response.WriteString(group);
            response.WriteError(error);
            response.WriteTags();
        }
        response.WriteTags();
        return ApiResult.Respond;
    }

    private async ValueTask<ErrorCode> DeleteAsync(string group)
    {
        if (broker.Groups.TryDescribe(group, out DescribedGroup described) && described.Members.Count > 0) return ErrorCode.NonEmptyGroup;
        List<OffsetKey> keys = [.. broker.Offsets.OfGroup(group).Select(o => o.Key)];
        if (keys.Count == 0) return ErrorCode.GroupIdNotFound;
        return (await broker.Offsets.RemoveAsync(keys).ConfigureAwait(false)).IsDurable ? ErrorCode.None : ErrorCode.CoordinatorNotAvailable;
    }

    private static List<string> ParseBody(KafkaRequest request)
    {
        KafkaReader reader = request.OpenBody();
        return Parse(ref reader);
    }
}
