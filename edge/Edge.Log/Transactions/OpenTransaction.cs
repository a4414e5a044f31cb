namespace Edge.Log.Transactions;

/// <summary>A transaction that has written to a partition and did not end.</summary>
/// <param name="FirstOffset">Of its first record in the partition.</param>
public readonly record struct OpenTransaction(long ProducerId, short ProducerEpoch, long FirstOffset);
