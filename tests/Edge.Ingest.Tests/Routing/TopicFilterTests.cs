using Edge.Ingest.Routing;
using Xunit;
using Xunit.Abstractions;

namespace Edge.Ingest.Tests.Routing;

public sealed class TopicFilterTests(ITestOutputHelper output)
{
    // The examples of MQTT 5.0 section 4.7.1 and 4.7.2, then the corners around empty levels.
    [Theory]
    [InlineData("sport/tennis/player1/#", "sport/tennis/player1", true)]
    [InlineData("sport/tennis/player1/#", "sport/tennis/player1/ranking", true)]
    [InlineData("sport/tennis/player1/#", "sport/tennis/player1/score/wimbledon", true)]
    [InlineData("sport/tennis/player1/#", "sport/tennis/player10", false)]
    [InlineData("sport/#", "sport", true)]
    [InlineData("#", "sport", true)]
    [InlineData("sport/tennis/+", "sport/tennis/player1", true)]
    [InlineData("sport/tennis/+", "sport/tennis/player1/ranking", false)]
    [InlineData("sport/+", "sport", false)]
    [InlineData("sport/+", "sport/", true)]
    [InlineData("+/tennis/#", "x/tennis", true)]
    [InlineData("sport/+/player1", "sport/tennis/player1", true)]
    [InlineData("/finance", "/finance", true)]
    [InlineData("+/+", "/finance", true)]
    [InlineData("/+", "/finance", true)]
    [InlineData("+", "/finance", false)]
    [InlineData("#", "$SYS/broker", false)]
    [InlineData("+/monitor/Clients", "$SYS/monitor/Clients", false)]
    [InlineData("$SYS/#", "$SYS/broker", true)]
    [InlineData("$SYS/monitor/+", "$SYS/monitor/Clients", true)]
    [InlineData("a/#", "a/$b", true)]
    [InlineData("a/b", "a/b/", false)]
    [InlineData("a/b/", "a/b", false)]
    [InlineData("a", "A", false)]
    [InlineData("a/+/c", "a//c", true)]
    public void IsMatch_ExamplesOfTheSpecification_MatchAsWritten(string filterText, string topic, bool expected)
    {
        TopicFilter filter = Parse(filterText);
        Assert.Equal(expected, filter.IsMatch(topic, new Range[filter.CaptureCount]));
    }

    [Fact]
    public void IsMatch_WildcardsOfBothKinds_CapturesWhatEachMatched()
    {
        TopicFilter filter = Parse("site/+/line/+/#");
        var captures = new Range[filter.CaptureCount];
        const string topic = "site/north/line/7/motor/temp";
        Assert.True(filter.IsMatch(topic, captures));
        Assert.Equal(["north", "7", "motor/temp"], captures.Select(c => topic[c]));
        Assert.True(filter.IsMatch("site/n/line/7", captures)); // # also matches the parent: nothing is captured
        Assert.Equal("", "site/n/line/7"[captures[2]]);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a/b+")]
    [InlineData("a/#/b")]
    [InlineData("a#")]
    [InlineData("a\0b")]
    [InlineData("$share/group/a")]
    public void TryParse_FilterThatIsNotAllowed_SaysWhy(string text)
    {
        Assert.NotNull(TopicFilter.TryParse(text, out TopicFilter? filter));
        Assert.Null(filter);
    }

    // Goal: the span matcher agrees with the rule written down plainly. Method: random filters and topics over few words, so that many match.
    [Fact]
    public void IsMatch_RandomFiltersAndTopics_AgreesWithPlainRule()
    {
        int seed = Random.Shared.Next();
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        int matches = 0;
        for (int i = 0; i < 20_000; i++)
        {
            string topic = string.Join('/', Words(random, ["a", "b", "", "$a"]));
            string[] levels = Words(random, ["a", "b", "", "$a", "+"]);
            if (random.Next(3) == 0) levels[^1] = "#";
            string filterText = string.Join('/', levels);
            if (topic.Length == 0 || filterText.Length == 0) continue;
            TopicFilter filter = Parse(filterText);
            bool actual = filter.IsMatch(topic, new Range[filter.CaptureCount]);
            Assert.True(PlainMatch(filterText, topic) == actual, $"seed {seed}: filter '{filterText}', topic '{topic}', matched {actual}");
            if (actual) matches++;
        }
        Assert.True(matches > 500, $"seed {seed}: only {matches} matches; the test would prove little");
    }

    private static bool PlainMatch(string filter, string topic)
    {
        if (topic.StartsWith('$') && filter[0] is '+' or '#' && topic[0] == '$') return false;
        return Rest(filter.Split('/'), topic.Split('/'));

        static bool Rest(ReadOnlySpan<string> f, ReadOnlySpan<string> t)
        {
            if (f.Length == 0) return t.Length == 0;
            if (f[0] == "#") return true;
            if (t.Length == 0) return false;
            return (f[0] == "+" || f[0] == t[0]) && Rest(f[1..], t[1..]);
        }
    }

    private static string[] Words(Random random, string[] words) => [.. Enumerable.Range(0, random.Next(1, 5)).Select(_ => words[random.Next(words.Length)])];

    private static TopicFilter Parse(string text)
    {
        Assert.Null(TopicFilter.TryParse(text, out TopicFilter? filter));
        return filter!;
    }
}
