namespace Edge.Log.Transactions;

/// <summary>Records of one producer that read_committed consumers must leave out.</summary>
/// <param name="FirstOffset">Offset of the transaction's first record in the partition.</param>
/// <param name="LastOffset">Offset of the abort marker, inclusive.</param>
public readonly record struct AbortedTransaction(long ProducerId, long FirstOffset, long LastOffset);
