namespace Edge.Log.Tools;

/// <summary>Offsets of a partition whose records cannot be read.</summary>
/// <param name="From">Inclusive.</param>
/// <param name="To">Inclusive; -1 when the end cannot be told.</param>
public sealed record LostOffsets(PartitionName Partition, long From, long To)
{
    public override string ToString() => To < 0 ? $"{Partition} from offset {From}" : $"{Partition} offsets {From} to {To}";
}
