namespace Edge.Kafka.Security;

/// <summary>One log-in by one SASL mechanism.</summary>
internal interface ISaslServer
{
    /// <summary>Takes the client's next message.</summary>
    ValueTask<SaslStep> NextAsync(ReadOnlyMemory<byte> message, CancellationToken cancellationToken);
}
