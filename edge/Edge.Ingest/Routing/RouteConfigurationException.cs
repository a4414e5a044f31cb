using Edge.Log;

namespace Edge.Ingest.Routing;

/// <summary>The routes cannot be used. Holds every problem of every route, so that the file is edited once.</summary>
public sealed class RouteConfigurationException(IReadOnlyList<string> problems) : EdgeException(string.Join(Environment.NewLine, problems))
{
    /// <summary>One sentence each: key, value and what is allowed.</summary>
    public IReadOnlyList<string> Problems { get; } = problems;

    public override bool IsTransient => false;
}
