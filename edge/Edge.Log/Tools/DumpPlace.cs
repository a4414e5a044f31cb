namespace Edge.Log.Tools;

/// <summary>Where a record that is dumped lies.</summary>
/// <param name="File">Name of the segment.</param>
/// <param name="Position">Of its frame in that file. Bytes.</param>
/// <param name="IngestSequence">Order of arrival over all partitions.</param>
/// <param name="Epoch">Of the boot that wrote it.</param>
public sealed record DumpPlace(PartitionName Partition, string File, int Position, long IngestSequence, int Epoch, bool IsControl);
