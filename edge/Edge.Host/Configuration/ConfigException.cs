namespace Edge.Host.Configuration;

/// <summary>The configuration cannot be used; nothing was started. Holds every problem.</summary>
public sealed class ConfigException(IReadOnlyList<ConfigProblem> problems)
    : Exception(string.Join(Environment.NewLine, problems))
{
    public IReadOnlyList<ConfigProblem> Problems { get; } = problems;
}
