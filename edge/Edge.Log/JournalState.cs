namespace Edge.Log;

/// <summary>Whether the journal takes appends.</summary>
public enum JournalState : byte
{
    Running,

    /// <summary>Fenced: a write or sync failed and could not be repeated elsewhere. Reads go on.</summary>
    ReadOnly,
    Stopped,
}
