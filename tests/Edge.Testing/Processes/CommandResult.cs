namespace Edge.Testing.Processes;

/// <summary>What a program that ended printed and said.</summary>
public sealed record CommandResult(int ExitCode, string StandardOutput, string StandardError)
{
    public override string ToString() => $"exit code {ExitCode}\n--- standard output\n{StandardOutput}\n--- standard error\n{StandardError}";
}
