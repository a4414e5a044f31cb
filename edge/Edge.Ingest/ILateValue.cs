namespace Edge.Ingest;

/// <summary>The value of a table's key that is only settled when its commit group closes: many changes of one group cost one put.</summary>
public interface ILateValue
{
    /// <summary>The value as of this group; null removes the key. Called once, with the gather lock held; must be quick and must not throw.</summary>
    ReadOnlyMemory<byte>? Settle();
}
