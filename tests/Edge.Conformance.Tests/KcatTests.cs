using System.Text;
using Edge.Testing.Processes;
using Xunit;

namespace Edge.Conformance.Tests;

/// <summary>Debian's kcat, which brings an old librdkafka with it.</summary>
[Collection("conformance")]
public sealed class KcatTests(ConformanceRun run)
{
    private async Task<string> KcatAsync(string input, params string[] arguments)
    {
        CommandResult result = await Command.RunAsync(ToolPath.Find("kcat")!, ["-b", run.Bootstrap, .. arguments], Encoding.UTF8.GetBytes(input), TimeSpan.FromSeconds(60));
        Assert.True(result.ExitCode == 0, result.StandardError);
        return result.StandardOutput;
    }

    [ClientFact("kcat")]
    public async Task Kcat_AllOperations_Work()
    {
        string version = (await Command.RunAsync(ToolPath.Find("kcat")!, ["-V"])).StandardOutput;
        int at = version.IndexOf("librdkafka", StringComparison.Ordinal);
        string client = at < 0 ? "kcat" : $"kcat ({string.Join(' ', version[at..].Split(' ', '\n').Take(2))})";
        string input = string.Concat(Enumerable.Range(0, 500).Select(i => $"k{i % 7}:value {i}\n"));
        foreach (string codec in new[] { "none", "gzip", "snappy", "lz4", "zstd" })
        {
            await run.RecordAsync(client, $"produce and consume, {codec}, idempotent, headers", async () =>
            {
                string topic = $"kcat-{codec}";
                await KcatAsync(input, "-P", "-t", topic, "-K:", "-H", "unit=C", "-z", codec, "-X", "enable.idempotence=true");
                string output = await KcatAsync("", "-C", "-t", topic, "-o", "beginning", "-e", "-q", "-f", "%k:%s %h\n");
                Assert.Equal(input.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => l + " unit=C").Order(), output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Order());
            });
        }
        await run.RecordAsync(client, "metadata", async () => Assert.Contains("topic \"kcat-none\" with 4 partitions", await KcatAsync("", "-L"), StringComparison.Ordinal));
        await run.RecordAsync(client, "offsets by time", async () => Assert.Contains("kcat-none [0] offset 0", await KcatAsync("", "-Q", "-t", "kcat-none:0:1000"), StringComparison.Ordinal));
        await run.RecordAsync(client, "consume in a group", async () =>
            Assert.Equal(500, (await KcatAsync("", "-q", "-e", "-X", "auto.offset.reset=earliest", "-G", "kcat", "kcat-none")).Split('\n', StringSplitOptions.RemoveEmptyEntries).Length));
        await run.RecordAsync(client, "transactional produce", async () =>
        {
            await KcatAsync("a\nb\n", "-P", "-t", "kcat-tx", "-p", "0", "-X", "transactional.id=kcat");
            Assert.Equal("a\nb\n", await KcatAsync("", "-C", "-t", "kcat-tx", "-p", "0", "-o", "beginning", "-e", "-q", "-X", "isolation.level=read_committed"));
        });
    }
}
