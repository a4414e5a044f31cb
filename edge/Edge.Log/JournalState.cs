namespace Edge.Log;

public enum JournalState : byte
{
    Running,

    /// <summary>Fenced: a write or sync failed and could not be repeated elsewhere. Reads go on.</summary>
    ReadOnly,
    Stopped,
}
