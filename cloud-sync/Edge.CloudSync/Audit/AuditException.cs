using Edge.Log;

namespace Edge.CloudSync.Audit;

/// <summary>The centre could not be read: it does not answer, refuses, or has no such topic.</summary>
public sealed class AuditException(string message, bool isTransient, Exception? inner = null) : EdgeException(message, inner)
{
    public override bool IsTransient => isTransient;
}
