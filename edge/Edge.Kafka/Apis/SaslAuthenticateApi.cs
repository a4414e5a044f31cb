using Edge.Kafka.Protocol;
using Edge.Kafka.Security;
using Edge.Kafka.Server;

namespace Edge.Kafka.Apis;

/// <summary>One message of a log-in (key 36). A failed one is answered late and ends the connection.</summary>
internal sealed class SaslAuthenticateApi(BrokerContext broker) : IKafkaApi
{
    /// <summary>Makes guessing slow on one connection; their number is bounded.</summary>
    private static readonly TimeSpan FailureDelay = TimeSpan.FromMilliseconds(250);

    public ApiKey Key => ApiKey.SaslAuthenticate;
    public short MinVersion => 0;
    public short MaxVersion => 2;
    public short FirstFlexible => 2;

    internal static byte[] Parse(ref KafkaReader reader)
    {
        byte[] message = reader.ReadBytes();
        reader.SkipTags();
        return message;
    }

    public async ValueTask<ApiResult> HandleAsync(KafkaRequest request, KafkaWriter response)
    {
        byte[] message = ParseBody(request);
        bool hasBegun = request.Session.Sasl is not null;
        SaslStep step = await StepAsync(broker, request.Session, message, request.Client.RemoteAddress, request.Aborted).ConfigureAwait(false);
        response.WriteError(!hasBegun ? ErrorCode.IllegalSaslState : step.IsFailed ? ErrorCode.SaslAuthenticationFailed : ErrorCode.None);
        response.WriteNullableString(!hasBegun ? "There was no handshake." : step.IsFailed ? "Authentication failed." : null);
        response.WriteBytes(step.Answer);
        if (request.Version >= 1) response.WriteInt64(0); // the session does not end by itself
        response.WriteTags();
        return step.IsFailed ? ApiResult.RespondAndClose : ApiResult.Respond;
    }

    /// <summary>Gives the mechanism one message and takes over whom it lets in.</summary>
    internal static async ValueTask<SaslStep> StepAsync(BrokerContext broker, KafkaSession session, ReadOnlyMemory<byte> message, string address, CancellationToken cancellationToken)
    {
        if (session.Sasl is not { } sasl) return SaslStep.Failed("there was no handshake");
        SaslStep step = await sasl.NextAsync(message, cancellationToken).ConfigureAwait(false);
        if (step.User is { } user)
        {
            session.LoggedIn(user);
            return step;
        }
        if (!step.IsFailed) return step;
        session.Sasl = null;
        broker.Statistics.AuthenticationFailed();
        if (broker.AuthenticationThrottle.ShouldLog(out long suppressed)) KafkaLog.AuthenticationFailed(broker.Logger, address, step.Reason!, suppressed);
        await Task.Delay(FailureDelay, broker.TimeProvider, cancellationToken).ConfigureAwait(false);
        return step;
    }

    private static byte[] ParseBody(KafkaRequest request)
    {
        KafkaReader reader = request.OpenBody();
        return Parse(ref reader);
    }
}
