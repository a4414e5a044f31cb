using Edge.Log.Topics;
using Xunit;

namespace Edge.Kafka.Tests.Interop;

public sealed class KcatTests
{
    private static async Task<string> RunAsync(KafkaHarness harness, string input, params string[] arguments)
    {
        (int exitCode, string output, string errors) = await Tools.RunAsync(Tools.Find("kcat")!, ["-b", harness.Bootstrap, .. arguments], input);
        Assert.True(exitCode == 0, $"kcat {string.Join(' ', arguments)}: {errors}");
        return output;
    }

    [KcatFact]
    public async Task List_ShowsBrokerTopicsAndPartitions()
    {
        await using KafkaHarness harness = await KafkaHarness.StartAsync();
        await harness.CreateTopicAsync("readings", 3);
        string output = await RunAsync(harness, "", "-L");
        Assert.Contains($"broker 1 at {harness.Bootstrap}", output, StringComparison.Ordinal);
        Assert.Contains("topic \"readings\" with 3 partitions", output, StringComparison.Ordinal);
    }

    [KcatFact]
    public async Task ProduceAndConsume_WithKeysAndHeaders_RoundTrips()
    {
        await using KafkaHarness harness = await KafkaHarness.StartAsync();
        string input = string.Concat(Enumerable.Range(0, 1000).Select(i => $"k{i % 7}:value {i}\n"));
        await RunAsync(harness, input, "-P", "-t", "readings", "-K:", "-H", "unit=C", "-X", "enable.idempotence=true");
        string output = await RunAsync(harness, "", "-C", "-t", "readings", "-o", "beginning", "-e", "-q", "-f", "%k:%s %h\n");
        string[] lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(input.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => l + " unit=C").Order(), lines.Order());
    }

    [KcatFact]
    public async Task Produce_EveryCompression_IsStoredCompressedAndReadBack()
    {
        await using KafkaHarness harness = await KafkaHarness.StartAsync();
        string input = string.Concat(Enumerable.Range(0, 2000).Select(i => $"a value that compresses well {i}\n"));
        foreach (string codec in new[] { "none", "gzip", "snappy", "lz4", "zstd" })
        {
            Topic topic = await harness.CreateTopicAsync(codec);
            await RunAsync(harness, input, "-P", "-t", codec, "-z", codec, "-X", "linger.ms=200");
            Assert.Equal(input, await RunAsync(harness, "", "-C", "-t", codec, "-o", "beginning", "-e", "-q"));
            var stored = new System.Buffers.ArrayBufferWriter<byte>();
            topic.Partitions[0].Read(0, 1, true, stored);
            Assert.Equal(codec, Log.Records.RecordBatchHeader.Parse(stored.WrittenSpan).Codec.ToString().ToLowerInvariant());
        }
    }

    [KcatFact]
    public async Task Query_OffsetsByTime_FindsThem()
    {
        await using KafkaHarness harness = await KafkaHarness.StartAsync();
        await harness.CreateTopicAsync();
        await RunAsync(harness, "a\nb\nc\n", "-P", "-t", "t");
        Assert.Contains("t [0] offset 0", await RunAsync(harness, "", "-Q", "-t", "t:0:1000"), StringComparison.Ordinal);
        Assert.Contains("t [0] offset 3", await RunAsync(harness, "", "-Q", "-t", "t:0:-1"), StringComparison.Ordinal);
    }

    [KcatFact]
    public async Task ConsumeInGroup_Twice_GoesOnWhereItStopped()
    {
        await using KafkaHarness harness = await KafkaHarness.StartAsync();
        await harness.CreateTopicAsync("t", 2);
        await RunAsync(harness, "a\nb\nc\n", "-P", "-t", "t");
        string first = await RunAsync(harness, "", "-q", "-e", "-X", "auto.offset.reset=earliest", "-G", "g", "t");
        Assert.Equal(["a", "b", "c"], first.Split('\n', StringSplitOptions.RemoveEmptyEntries).Order());
        await RunAsync(harness, "d\n", "-P", "-t", "t");
        Assert.Equal("d", (await RunAsync(harness, "", "-q", "-e", "-X", "auto.offset.reset=earliest", "-G", "g", "t")).Trim());
    }
}
