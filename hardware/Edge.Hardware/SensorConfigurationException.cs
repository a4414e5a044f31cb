using Edge.Log;

namespace Edge.Hardware;

/// <summary>The configured sensors cannot be used. Holds every problem of every sensor, so that the file is edited once.</summary>
public sealed class SensorConfigurationException(IReadOnlyList<string> problems) : EdgeException(string.Join(Environment.NewLine, problems))
{
    /// <summary>One sentence each: key, value and what is allowed.</summary>
    public IReadOnlyList<string> Problems { get; } = problems;

    public override bool IsTransient => false;
}
