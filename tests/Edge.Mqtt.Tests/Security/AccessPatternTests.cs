using Edge.Mqtt.Security;

namespace Edge.Mqtt.Tests.Security;

public sealed class AccessPatternTests
{
    [Theory]
    [InlineData("#", "a/b", true)]
    [InlineData("#", "#", true)]
    [InlineData("#", "$SYS/#", false)]
    [InlineData("+/x", "$SYS/x", false)]
    [InlineData("$SYS/#", "$SYS/broker/uptime", true)]
    [InlineData("a/#", "a", true)]
    [InlineData("a/#", "a/+/c", true)]
    [InlineData("a/+", "a/#", false)]
    [InlineData("a/+", "a/+", true)]
    [InlineData("a/+", "a/b", true)]
    [InlineData("a/+", "a/b/c", false)]
    [InlineData("a/b", "a/+", false)]
    [InlineData("a/b", "#", false)]
    [InlineData("u/%u/c/%c", "u/alice/c/dev-1", true)]
    [InlineData("u/%u/#", "u/bob/x", false)]
    [InlineData("u/x-%u/#", "u/x-alice/y", true)]
    public void Covers_Table(string pattern, string filter, bool covers) => Assert.Equal(covers, new AccessPattern(pattern).Covers(filter, "alice", "dev-1"));

    // Goal: a name cannot be a wildcard. Source: CVE-2017-7650.
    [Theory]
    [InlineData("#")]
    [InlineData("+")]
    [InlineData("a/b")]
    [InlineData("")]
    public void Covers_NameWithWildcards_NeverMatches(string name)
    {
        foreach (string filter in new[] { "d/#", "d/+", "d/a/b", "d/", "d/x", $"d/{name}" })
        {
            Assert.False(new AccessPattern("d/%u").Covers(filter, name, "c"));
            Assert.False(new AccessPattern("d/%c/#").Covers(filter, "u", name));
        }
    }
}
