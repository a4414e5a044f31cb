using System.Text;
using Edge.CloudSync.Forwarding;
using Xunit;

namespace Edge.CloudSync.Tests.Forwarding;

public sealed class TemplateTests
{
    [Theory]
    [InlineData("{topic}", "telemetry")]
    [InlineData("{site}.{topic}", "north_1.telemetry")]
    [InlineData("all", "all")]
    [InlineData("{device}/{topic}", "pi-7_telemetry")]
    public void RenderTopic_NamesAndForbiddenCharacters_GiveAValidName(string template, string expected) =>
        Assert.Equal(expected, Template.RenderTopic(template, "pi-7", "north 1", "telemetry"));

    [Theory]
    [InlineData("{device}/{key}", "pi-7/|")]
    [InlineData("{key}", "|")]
    [InlineData("{key}-{key}", "|-|")]
    [InlineData("{site}/{topic}", "north/telemetry")]
    public void CompileKey_SplitsAtTheKey_AndFillsInTheRest(string template, string pieces) =>
        Assert.Equal(pieces, string.Join('|', Template.CompileKey(template, "pi-7", "north", "telemetry").Select(Encoding.UTF8.GetString)));

    [Theory]
    [InlineData("{tpoic}")]
    [InlineData("")]
    [InlineData("{topic")]
    [InlineData("topic}")]
    public void Validate_BrokenTopicTemplate_IsNamed(string template) =>
        Assert.Contains(new SyncOptions { Topic = template }.Validate(), problem => problem.StartsWith("Sync:Topic", StringComparison.Ordinal));

    [Fact]
    public void Validate_Defaults_AreFine() => Assert.Empty(new SyncOptions { BootstrapServers = "a:9092, b.c:1" }.Validate());

    [Fact]
    public void Validate_ManyMistakes_AreAllReportedAtOnce()
    {
        var options = new SyncOptions { BootstrapServers = "nowhere", Delivery = "twice", Compression = "rar", Partitions = 0, BackoffMin = TimeSpan.Zero, MessageMaxBytes = 1 };
        Assert.Equal(6, options.Validate().Count());
    }

    [Theory]
    [InlineData("telemetry", true)]
    [InlineData("temperature", false)]
    [InlineData("__sync_cursors", false)]
    [InlineData("alarms.fire", true)]
    [InlineData("alarms.test", false)]
    [InlineData("other", false)]
    public void TopicFilter_IncludeExcludeAndInternal_Decide(string topic, bool expected) =>
        Assert.Equal(expected, new TopicFilter(["tele*", "temp*", "alarms.*", "__*"], ["temperatur?", "alarms.test"]).Matches(topic));
}
