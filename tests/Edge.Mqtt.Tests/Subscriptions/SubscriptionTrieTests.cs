using Edge.Mqtt.Protocol;
using Edge.Mqtt.Sessions;
using Edge.Mqtt.Subscriptions;

namespace Edge.Mqtt.Tests.Subscriptions;

public sealed class SubscriptionTrieTests
{
    private static Subscription On(MqttSession session, string text)
    {
        Assert.True(MqttText.TrySplitShare(text, out string? group, out string filter));
        return new Subscription(session, new FilterRequest(text, group, filter, 0, false, false, 0), 0, 0);
    }

    private static MqttSession Session(string id = "s") => new(id, null!, isDurable: false);

    [Theory]
    [InlineData("a/b", "a/b", true)]
    [InlineData("a/b", "a/b/c", false)]
    [InlineData("a/+", "a/b", true)]
    [InlineData("a/+", "a", false)]
    [InlineData("a/+", "a/", true)]
    [InlineData("a/#", "a", true)]
    [InlineData("a/#", "a/b/c", true)]
    [InlineData("#", "a/b", true)]
    [InlineData("#", "$SYS/x", false)]
    [InlineData("+/x", "$SYS/x", false)]
    [InlineData("$SYS/#", "$SYS/x", true)]
    [InlineData("+/+", "/finance", true)]
    [InlineData("/+", "/finance", true)]
    [InlineData("+", "/finance", false)]
    [InlineData("a//b", "a//b", true)]
    public void Match_Table(string filter, string topic, bool matches)
    {
        SubscriptionTrie trie = new();
        trie.Add(On(Session(), filter), null);
        Assert.Equal(matches, !trie.Match(topic).IsEmpty);
        Assert.Equal(matches, SubscriptionTrie.Matches(filter, topic));
    }

    [Fact]
    public void Match_TwoFiltersOfOneSession_OneEntryWithBoth()
    {
        SubscriptionTrie trie = new();
        MqttSession session = Session();
        trie.Add(On(session, "a/#"), null);
        trie.Add(On(session, "a/b"), null);
        MatchSet match = trie.Match("a/b");
        Assert.Equal(2, Assert.Single(match.Sessions).Subscriptions.Length);
    }

    [Fact]
    public void Remove_LastOne_LeavesNothing()
    {
        SubscriptionTrie trie = new();
        Subscription plain = On(Session("1"), "a/+/c/#"), shared = On(Session("2"), "$share/g/a/b");
        trie.Add(plain, null);
        trie.Add(shared, null);
        Assert.Equal(2, trie.Count);
        trie.Remove(plain);
        trie.Remove(shared);
        trie.Remove(shared);
        Assert.Equal(0, trie.Count);
        Assert.True(trie.Match("a/b").IsEmpty);
        Assert.True(trie.Match("a/x/c/d").IsEmpty);
    }

    [Fact]
    public void Add_SameFilterAgain_Replaces()
    {
        SubscriptionTrie trie = new();
        MqttSession session = Session();
        Subscription first = On(session, "a"), second = On(session, "a") with { Identifier = 5 };
        trie.Add(first, null);
        trie.Add(second, first);
        Assert.Equal(5, Assert.Single(Assert.Single(trie.Match("a").Sessions).Subscriptions).Identifier);
        Assert.Equal(1, trie.Count);
    }

    // Goal: trie and the plain rule agree. Method: random filters and topics over a small alphabet; the seed is printed.
    [Fact]
    public void Match_RandomFiltersAndTopics_AgreesWithRule()
    {
        int seed = Random.Shared.Next();
        Random random = new(seed);
        string[] parts = ["a", "b", "", "+", "$x"];
        for (int round = 0; round < 20_000; round++)
        {
            string filter = string.Join('/', Enumerable.Range(0, random.Next(1, 5)).Select(_ => parts[random.Next(5)])) + (random.Next(3) == 0 ? "/#" : "");
            string topic = string.Join('/', Enumerable.Range(0, random.Next(1, 5)).Select(_ => parts[random.Next(3) is var p && random.Next(9) == 0 ? 4 : p]));
            if (filter.Length == 0 || topic.Length == 0) continue;
            SubscriptionTrie trie = new();
            trie.Add(On(Session(), filter), null);
            Assert.True(SubscriptionTrie.Matches(filter, topic) == !trie.Match(topic).IsEmpty, $"seed {seed}: filter '{filter}', topic '{topic}'");
        }
    }
}
