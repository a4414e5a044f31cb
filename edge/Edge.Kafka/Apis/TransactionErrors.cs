using Edge.Kafka.Protocol;

namespace Edge.Kafka.Apis;

/// <summary>A fenced producer has its own error code only in newer versions of the transaction APIs; older clients know the one for epochs (KIP-588).</summary>
internal static class TransactionErrors
{
    public static ErrorCode For(ErrorCode error, bool knowsFenced) => error == ErrorCode.ProducerFenced && !knowsFenced ? ErrorCode.InvalidProducerEpoch : error;
}
