using Xunit;

namespace Edge.Kafka.Tests.Interop;

/// <summary>Apache Kafka's own command-line tools, and with them its Java clients.</summary>
public sealed class JavaToolsTests
{
    private static async Task<string> RunAsync(KafkaHarness harness, string tool, string input, params string[] arguments)
    {
        (int exitCode, string output, string errors) = await Tools.RunAsync(Path.Combine(Tools.KafkaHome!, "bin", tool + ".sh"), ["--bootstrap-server", harness.Bootstrap, .. arguments], input);
        Assert.True(exitCode == 0, $"{tool} {string.Join(' ', arguments)}: {output}{errors}");
        return output;
    }

    [KafkaHomeFact]
    public async Task Topics_CreateDescribeDelete_Work()
    {
        await using KafkaHarness harness = await KafkaHarness.StartAsync();
        await RunAsync(harness, "kafka-topics", "", "--create", "--topic", "readings", "--partitions", "3", "--config", "retention.ms=60000");
        string description = await RunAsync(harness, "kafka-topics", "", "--describe", "--topic", "readings");
        Assert.Contains("PartitionCount: 3", description, StringComparison.Ordinal);
        Assert.Contains("retention.ms=60000", description, StringComparison.Ordinal);
        await RunAsync(harness, "kafka-topics", "", "--delete", "--topic", "readings");
        Assert.DoesNotContain("readings", await RunAsync(harness, "kafka-topics", "", "--list"), StringComparison.Ordinal);
    }

    [KafkaHomeFact]
    public async Task ConsoleProducerAndConsumerAndGroups_Work()
    {
        await using KafkaHarness harness = await KafkaHarness.StartAsync();
        await harness.CreateTopicAsync("readings", 2);
        string input = string.Concat(Enumerable.Range(0, 300).Select(i => $"value {i}\n"));
        await RunAsync(harness, "kafka-console-producer", input, "--topic", "readings", "--compression-codec", "snappy");
        string output = await RunAsync(harness, "kafka-console-consumer", "", "--topic", "readings", "--from-beginning", "--max-messages", "300", "--group", "java");
        Assert.Equal(input.Split('\n').Order(), output.Split('\n').Order());
        string group = await RunAsync(harness, "kafka-consumer-groups", "", "--describe", "--group", "java");
        string[][] lines = [.. group.Split('\n').Select(l => l.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Where(l => l.Length > 5 && l[0] == "java")];
        Assert.Equal(300, lines.Sum(l => int.Parse(l[3])));
        Assert.All(lines, l => Assert.Equal("0", l[5]));
        string ends = await RunAsync(harness, "kafka-get-offsets", "", "--topic", "readings");
        Assert.Equal(300, ends.Split('\n', StringSplitOptions.RemoveEmptyEntries).Sum(l => int.Parse(l.Split(':')[2])));
    }
}
