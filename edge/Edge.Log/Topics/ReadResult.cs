namespace Edge.Log.Topics;

/// <summary>Outcome of <see cref="Partition.Read"/>.</summary>
/// <param name="Bytes">Bytes written to the destination; 0 at the high watermark.</param>
/// <param name="NextOffset">Offset to continue from.</param>
public readonly record struct ReadResult(ReadStatus Status, int Bytes, long NextOffset);
