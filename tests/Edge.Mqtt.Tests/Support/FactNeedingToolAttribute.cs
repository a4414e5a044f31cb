namespace Edge.Mqtt.Tests.Support;

/// <summary>A test that runs a program of the system, and is skipped where that is missing.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class FactNeedingToolAttribute : FactAttribute
{
    public FactNeedingToolAttribute(string tool)
    {
        bool found = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, tool)));
        if (!found) Skip = $"{tool} is not installed (Debian: mosquitto-clients).";
    }
}
