using Edge.Log.Transactions;

namespace Edge.Log.State;

/// <summary>A partition's positions, producers and transactions as a state snapshot holds them.</summary>
internal sealed record PartitionState(long StartOffset, long EndOffset, ProducerStates Producers, PartitionTransactions Transactions);
