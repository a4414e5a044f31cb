using Edge.Testing.Processes;

namespace Edge.Conformance.Tests;

/// <summary>Kafka clients that others wrote, where they are installed, and why one is skipped where it is not.</summary>
internal static class Clients
{
    public static string? KafkaHome => Environment.GetEnvironmentVariable("KAFKA_HOME") is { Length: > 0 } home && File.Exists(Path.Combine(home, "bin", "kafka-topics.sh")) ? home : null;

    public static string JavaScriptFolder => Path.Combine(ToolPath.Root, "tests", "Edge.Conformance.Tests", "js");

    private static readonly Lazy<string?> PythonPath = new(() => new[] { "/usr/bin/python3", ToolPath.Find("python3") }.OfType<string>().Distinct().Where(File.Exists)
        .FirstOrDefault(static p => Command.RunAsync(p, ["-c", "import kafka"]).GetAwaiter().GetResult().ExitCode == 0));

    public static string? Python => PythonPath.Value;

    /// <summary>Null: it can be run.</summary>
    public static string? WhyNot(string client) => client switch
    {
        "kcat" => ToolPath.Find("kcat") is null ? "kcat is not installed (Debian package kcat)" : null,
        "python" => Python is null ? "no python3 can import kafka (Debian package python3-kafka)" : null,
        "java" => KafkaHome is null ? "KAFKA_HOME does not name a Kafka distribution" : ToolPath.Find("java") is null ? "java is not installed (Debian package openjdk-17-jre-headless)" : null,
        "kafkajs" or "@platformatic/kafka" => ToolPath.Find("node") is null ? "node is not installed (Debian package nodejs)"
            : !Directory.Exists(Path.Combine(JavaScriptFolder, "node_modules", client)) ? $"{client} is not installed (npm ci in tests/Edge.Conformance.Tests/js)" : null,
        _ => null,
    };
}
