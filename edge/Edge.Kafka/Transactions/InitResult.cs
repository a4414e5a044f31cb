using Edge.Kafka.Protocol;

namespace Edge.Kafka.Transactions;

/// <summary>Answer to InitProducerId.</summary>
internal readonly record struct InitResult(ErrorCode Error, long ProducerId, short Epoch)
{
    public static InitResult Failed(ErrorCode error) => new(error, -1, -1);
}
