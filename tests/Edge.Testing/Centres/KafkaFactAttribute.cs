using Xunit;

namespace Edge.Testing.Centres;

/// <summary>A test against Apache Kafka: skipped, with the reason, where KAFKA_HOME names none that can be started.</summary>
public sealed class KafkaFactAttribute : FactAttribute
{
    public KafkaFactAttribute()
    {
        string? home = Environment.GetEnvironmentVariable("KAFKA_HOME");
        if (string.IsNullOrEmpty(home)) Skip = "KAFKA_HOME is not set: no Apache Kafka to test against.";
        else if (!File.Exists(Path.Combine(home, "cluster"))) Skip = $"KAFKA_HOME ({home}) has no 'cluster' command.";
    }
}
