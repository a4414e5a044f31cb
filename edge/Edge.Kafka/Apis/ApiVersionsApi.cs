using Edge.Kafka.Protocol;
using Edge.Kafka.Server;

namespace Edge.Kafka.Apis;

/// <summary>Which APIs and versions this listener offers (key 18).</summary>
/// <remarks>Its response header has version 0 in every version, because a client that asks does not know yet what the broker speaks (KIP-511).</remarks>
internal sealed class ApiVersionsApi(Func<IReadOnlyList<IKafkaApi>> apis) : IKafkaApi
{
    public ApiKey Key => ApiKey.ApiVersions;
    public short MinVersion => 0;
    public short MaxVersion => 4;
    public short FirstFlexible => 3;

    public ValueTask<ApiResult> HandleAsync(KafkaRequest request, KafkaWriter response)
    {
        ErrorCode error = ErrorCode.None;
        if (request.Version >= 3)
        {
            KafkaReader reader = request.OpenBody();
            string name = reader.ReadString(), version = reader.ReadString();
            reader.SkipTags();
            if (!IsSoftwareName(name) || !IsSoftwareName(version)) error = ErrorCode.InvalidRequest;
        }
        WriteResponse(response, request.Version, error, error == ErrorCode.None ? apis() : []);
        return new(ApiResult.Respond);
    }

    internal static void WriteResponse(KafkaWriter response, short version, ErrorCode error, IReadOnlyList<IKafkaApi> apis)
    {
        response.WriteError(error);
        response.WriteArrayLength(apis.Count);
        foreach (IKafkaApi api in apis)
        {
            response.WriteInt16((short)api.Key);
            response.WriteInt16(api.MinVersion);
            response.WriteInt16(api.MaxVersion);
            response.WriteTags();
        }
        if (version >= 1) response.WriteInt32(0);
        response.WriteTags();
    }

    /// <summary>What a version we do not know is answered with: version 0's form, and the versions of this API alone, so that the client can ask again.</summary>
    internal void WriteUnsupported(KafkaWriter response)
    {
        response.Flexible = false;
        WriteResponse(response, 0, ErrorCode.UnsupportedVersion, [this]);
    }

    /// <summary>Kafka's rule for client names and versions: letters, digits, '-' and '.', the latter two not at the ends.</summary>
    internal static bool IsSoftwareName(string text)
    {
        if (text.Length == 0 || !char.IsAsciiLetterOrDigit(text[0]) || !char.IsAsciiLetterOrDigit(text[^1])) return false;
        foreach (char c in text)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('-' or '.')) return false;
        }
        return true;
    }
}
