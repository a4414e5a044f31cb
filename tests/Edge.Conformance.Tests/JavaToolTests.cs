using System.Globalization;
using System.Text.RegularExpressions;
using Edge.Testing.Processes;
using Xunit;

namespace Edge.Conformance.Tests;

/// <summary>Apache Kafka's own tools, and with them its Java clients.</summary>
[Collection("conformance"), Trait("Category", "Slow")]
public sealed partial class JavaToolTests(ConformanceRun run)
{
    private const string Client = "Java (KAFKA_HOME)";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private async Task<string> ToolAsync(string tool, string input, params string[] arguments)
    {
        CommandResult result = await Command.RunAsync(Path.Combine(Clients.KafkaHome!, "bin", tool + ".sh"), ["--bootstrap-server", run.Bootstrap, .. arguments], System.Text.Encoding.UTF8.GetBytes(input), Patience);
        Assert.True(result.ExitCode == 0, $"{tool} {string.Join(' ', arguments)}: {result.StandardOutput}{result.StandardError}");
        return result.StandardOutput;
    }

    [ClientFact("java")]
    public Task Tools_OneAfterTheOther_Work() => AllAsync();

    // One test, because each tool works on what the one before it left, and a Java start is dear.
    private async Task AllAsync()
    {
        await run.RecordAsync(Client, "kafka-topics --create, --describe", async () =>
        {
            await ToolAsync("kafka-topics", "", "--create", "--topic", "java", "--partitions", "2", "--config", "retention.ms=600000");
            string text = await ToolAsync("kafka-topics", "", "--describe", "--topic", "java");
            Assert.Contains("PartitionCount: 2", text, StringComparison.Ordinal);
            Assert.Contains("retention.ms=600000", text, StringComparison.Ordinal);
        });
        string input = string.Concat(Enumerable.Range(0, 300).Select(i => $"value {i}\n"));
        await run.RecordAsync(Client, "kafka-console-producer", () => ToolAsync("kafka-console-producer", input, "--topic", "java", "--compression-codec", "zstd"));
        await run.RecordAsync(Client, "kafka-console-consumer --group", async () =>
        {
            string output = await ToolAsync("kafka-console-consumer", "", "--topic", "java", "--from-beginning", "--max-messages", "300", "--group", "java");
            Assert.Equal(input.Split('\n').Order(), output.Split('\n').Order());
        });
        await run.RecordAsync(Client, "kafka-consumer-groups --describe", async () =>
        {
            string[][] lines = [.. (await ToolAsync("kafka-consumer-groups", "", "--describe", "--group", "java")).Split('\n').Select(l => l.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Where(l => l.Length > 5 && l[0] == "java")];
            Assert.Equal(300, lines.Sum(l => int.Parse(l[3], CultureInfo.InvariantCulture)));
        });
        await run.RecordAsync(Client, "kafka-get-offsets", async () =>
        {
            string ends = await ToolAsync("kafka-get-offsets", "", "--topic", "java");
            Assert.Equal(300, ends.Split('\n', StringSplitOptions.RemoveEmptyEntries).Sum(l => int.Parse(l.Split(':')[2], CultureInfo.InvariantCulture)));
        });
        await run.RecordAsync(Client, "kafka-delete-records", async () =>
        {
            string file = Path.GetTempFileName();
            try
            {
                await File.WriteAllTextAsync(file, """{"partitions":[{"topic":"java","partition":0,"offset":-1}],"version":1}""");
                Assert.Contains("low_watermark", await ToolAsync("kafka-delete-records", "", "--offset-json-file", file), StringComparison.Ordinal);
            }
            finally { File.Delete(file); }
        });
        await run.RecordAsync(Client, "kafka-configs --alter", async () =>
        {
            await ToolAsync("kafka-configs", "", "--alter", "--entity-type", "topics", "--entity-name", "java", "--add-config", "retention.ms=700000");
            Assert.Contains("retention.ms=700000", await ToolAsync("kafka-topics", "", "--describe", "--topic", "java"), StringComparison.Ordinal);
        });
        await run.RecordAsync(Client, "kafka-producer-perf-test", async () =>
            Assert.Contains("2000 records sent", await ToolAsync("kafka-producer-perf-test", "", "--topic", "java", "--num-records", "2000", "--record-size", "100", "--throughput", "-1"), StringComparison.Ordinal));
        await run.RecordAsync(Client, "kafka-producer-perf-test --transactional-id", async () =>
            Assert.Contains("2000 records sent", await ToolAsync("kafka-producer-perf-test", "", "--topic", "java", "--num-records", "2000", "--record-size", "100", "--throughput", "-1", "--transactional-id", "perf", "--transaction-duration-ms", "50"), StringComparison.Ordinal));
        await run.RecordAsync(Client, "kafka-consumer-perf-test", () => ToolAsync("kafka-consumer-perf-test", "", "--topic", "java", "--num-records", "4000", "--timeout", "30000"));
        await run.RecordAsync(Client, "kafka-transactions list, describe-producers", async () =>
        {
            Assert.Matches("perf .*CompleteCommit", await ToolAsync("kafka-transactions", "", "list"));
            Assert.Contains("ProducerId", await ToolAsync("kafka-transactions", "", "describe-producers", "--topic", "java", "--partition", "0"), StringComparison.Ordinal);
        });
        await run.RecordAsync(Client, "kafka-log-dirs --describe", async () =>
            Assert.Matches("\"partition\":\"java-0\",\"size\":[1-9]", (await ToolAsync("kafka-log-dirs", "", "--describe", "--topic-list", "java")).Replace(" ", "", StringComparison.Ordinal)));
        await run.RecordAsync(Client, "kafka-verifiable-producer", async () =>
            Assert.Equal(200, Acknowledged().Count(await ToolAsync("kafka-verifiable-producer", "", "--topic", "verified", "--max-messages", "200", "--acks", "-1"))));
        await run.RecordAsync(Client, "kafka-verifiable-consumer", async () =>
            Assert.Contains("records_consumed", await ToolAsync("kafka-verifiable-consumer", "", "--topic", "verified", "--group-id", "verified", "--max-messages", "200", "--reset-policy", "earliest"), StringComparison.Ordinal));
        await run.RecordAsync(Client, "kafka-topics --delete", () => ToolAsync("kafka-topics", "", "--delete", "--topic", "java"));
    }

    [GeneratedRegex("producer_send_success")]
    private static partial Regex Acknowledged();
}
