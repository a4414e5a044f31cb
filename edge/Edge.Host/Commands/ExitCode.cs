namespace Edge.Host.Commands;

/// <summary>Exit codes of every command.</summary>
internal static class ExitCode
{
    public const int Done = 0;

    /// <summary>The answer is "no": loss found, not healthy.</summary>
    public const int No = 1;

    /// <summary>Wrong usage or configuration.</summary>
    public const int Usage = 2;

    /// <summary>Cannot reach, cannot open.</summary>
    public const int Unreachable = 3;

    /// <summary>Not allowed.</summary>
    public const int Refused = 4;
}
