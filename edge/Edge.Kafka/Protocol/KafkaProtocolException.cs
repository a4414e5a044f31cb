using Edge.Log;

namespace Edge.Kafka.Protocol;

/// <summary>The bytes of a request are not what its API and version say. The connection is closed: nothing behind them can be trusted.</summary>
public sealed class KafkaProtocolException(string message) : EdgeException(message)
{
    public override bool IsTransient => false;
}
