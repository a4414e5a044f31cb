namespace Edge.Log;

/// <summary>Base of every fault this product raises.</summary>
public abstract class EdgeException(string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>True when the same call may succeed later with no one touching the box.</summary>
    public abstract bool IsTransient { get; }
}
