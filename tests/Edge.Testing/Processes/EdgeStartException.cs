namespace Edge.Testing.Processes;

/// <summary>The appliance ended, or did not say that it is ready in time. The message has what it printed.</summary>
public sealed class EdgeStartException(string message, int? exitCode) : Exception(message)
{
    /// <summary>Null when it was still running.</summary>
    public int? ExitCode { get; } = exitCode;
}
