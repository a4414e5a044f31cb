namespace Edge.Log.Transactions;

/// <summary>A producer whose last batches a partition remembers.</summary>
/// <param name="LastSequence">-1 when only its transaction markers are known.</param>
/// <param name="LastTimestampMs">Largest timestamp of its last batch, Unix epoch, UTC; -1 when it came before the last state snapshot.</param>
public readonly record struct ActiveProducer(long ProducerId, short ProducerEpoch, int LastSequence, long LastTimestampMs);
