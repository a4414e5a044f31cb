namespace Edge.Kafka.Transactions;

/// <summary>Where a transactional id stands. Ending is one commit group here, so Kafka's Prepare states do not exist.</summary>
internal enum TransactionState : byte
{
    Empty,
    Ongoing,
    CompleteCommit,
    CompleteAbort,
}
