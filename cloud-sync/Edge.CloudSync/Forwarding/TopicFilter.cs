using System.IO.Enumeration;

namespace Edge.CloudSync.Forwarding;

/// <summary>Which local topics go up: <c>Sync:Include</c> and <c>Sync:Exclude</c> with <c>*</c> and <c>?</c>; internal topics never do.</summary>
internal sealed class TopicFilter(IReadOnlyList<string> include, IReadOnlyList<string> exclude)
{
    public bool Matches(string topic)
    {
        if (topic.StartsWith("__", StringComparison.Ordinal)) return false;
        return (include.Count == 0 || MatchesAny(include, topic)) && !MatchesAny(exclude, topic);
    }

    private static bool MatchesAny(IReadOnlyList<string> globs, string topic)
    {
        foreach (string glob in globs)
            if (FileSystemName.MatchesSimpleExpression(glob, topic, ignoreCase: false)) return true;
        return false;
    }
}
