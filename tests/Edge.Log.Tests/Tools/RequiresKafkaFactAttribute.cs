using Edge.Testing.Processes;

namespace Edge.Log.Tests.Tools;

/// <summary>A test that runs Apache Kafka's own tools: skipped, with the reason, where they or Java are missing.</summary>
public sealed class RequiresKafkaFactAttribute : FactAttribute
{
    public RequiresKafkaFactAttribute()
    {
        if (DumpTool is null) Skip = "KAFKA_HOME does not name a Kafka distribution";
        else if (ToolPath.Find("java") is null) Skip = "not installed here: java";
    }

    public static string? DumpTool => Environment.GetEnvironmentVariable("KAFKA_HOME") is { Length: > 0 } home && File.Exists(Path.Combine(home, "bin", "kafka-dump-log.sh")) ? Path.Combine(home, "bin", "kafka-dump-log.sh") : null;
}
