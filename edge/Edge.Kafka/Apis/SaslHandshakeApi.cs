using Edge.Kafka.Protocol;
using Edge.Kafka.Security;
using Edge.Kafka.Server;

namespace Edge.Kafka.Apis;

/// <summary>Chooses the mechanism of a log-in (key 17). After version 0 its messages come without request headers.</summary>
internal sealed class SaslHandshakeApi : IKafkaApi
{
    public ApiKey Key => ApiKey.SaslHandshake;
    public short MinVersion => 0;
    public short MaxVersion => 1;
    public short FirstFlexible => short.MaxValue;

    internal static string Parse(ref KafkaReader reader) => reader.ReadString();

    public ValueTask<ApiResult> HandleAsync(KafkaRequest request, KafkaWriter response)
    {
        KafkaReader reader = request.OpenBody();
        string mechanism = Parse(ref reader);
        KafkaSession session = request.Session;
        ErrorCode error = ErrorCode.None;
        ISaslServer? sasl = session.Users is { } users ? SaslMechanisms.Begin(mechanism, users) : null;
        if (session.UserName is not null || session.Sasl is not null) error = ErrorCode.IllegalSaslState;
        else if (sasl is null) error = ErrorCode.UnsupportedSaslMechanism;
        else (session.Sasl, session.IsSaslRaw) = (sasl, request.Version == 0);
        response.WriteError(error);
        response.WriteArrayLength(session.Users is null ? 0 : SaslMechanisms.Names.Count);
        if (session.Users is not null)
            foreach (string name in SaslMechanisms.Names) response.WriteString(name);
        return new(error == ErrorCode.IllegalSaslState ? ApiResult.RespondAndClose : ApiResult.Respond);
    }
}
