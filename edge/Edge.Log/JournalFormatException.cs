namespace Edge.Log;

/// <summary>A file of the journal cannot be used as it is: a newer format, or bytes that contradict each other.</summary>
public sealed class JournalFormatException(string message, Exception? inner = null) : EdgeException(message, inner)
{
    public override bool IsTransient => false;
}
