namespace Edge.Catalog.Users;

/// <summary>Patterns of rules, over the topics of the log and over MQTT topics alike.</summary>
/// <remarks>
/// An MQTT filter (<c>+</c> one level, <c>#</c> the rest) in which <c>*</c> stands for any characters within a level and <c>{user}</c> for the user's own name:
/// <c>#</c> is everything, <c>plant.*</c> the log's topics that begin so, <c>sensors/{user}/#</c> the user's own branch.
/// </remarks>
public static class TopicPattern
{
    public const int MaxLength = 1024;

    /// <summary>Null when the pattern is well-formed, else a sentence.</summary>
    public static string? ProblemOf(string pattern)
    {
        if (pattern.Length is 0 or > MaxLength) return $"A pattern has {pattern.Length} characters; use 1 to {MaxLength}.";
        if (pattern.Contains('\0')) return "A pattern holds a zero character.";
        string[] levels = pattern.Split('/');
        for (int i = 0; i < levels.Length; i++)
        {
            if (levels[i].Contains('#') && (levels[i] != "#" || i < levels.Length - 1)) return $"Pattern '{pattern}': '#' stands alone and last.";
            if (levels[i].Contains('+') && levels[i] != "+") return $"Pattern '{pattern}': '+' stands alone in its level.";
        }
        return null;
    }

    public static bool Matches(string pattern, string topic, string user)
    {
        ReadOnlySpan<char> p = pattern, t = topic;
        while (true)
        {
            ReadOnlySpan<char> level = Take(ref p, out bool morePattern), part = Take(ref t, out bool moreTopic);
            if (level is "#") return true;
            if (level is not "+" && !MatchesLevel(level, part, user)) return false;
            if (!morePattern) return !moreTopic;
            if (!moreTopic) return p is "#"; // "a/#" covers "a" too, as in MQTT
        }
    }

    private static ReadOnlySpan<char> Take(ref ReadOnlySpan<char> text, out bool hasMore)
    {
        int slash = text.IndexOf('/');
        hasMore = slash >= 0;
        ReadOnlySpan<char> level = hasMore ? text[..slash] : text;
        text = hasMore ? text[(slash + 1)..] : [];
        return level;
    }

    /// <summary>One level with stars. The work is bounded by the product of both lengths.</summary>
    private static bool MatchesLevel(ReadOnlySpan<char> pattern, ReadOnlySpan<char> text, ReadOnlySpan<char> user)
    {
        if (pattern.Contains("{user}", StringComparison.Ordinal)) pattern = pattern.ToString().Replace("{user}", user.ToString(), StringComparison.Ordinal);
        int p = 0, t = 0, star = -1, mark = 0;
        while (t < text.Length)
        {
            if (p < pattern.Length && pattern[p] == '*')
            {
                star = p++;
                mark = t;
            }
            else if (p < pattern.Length && pattern[p] == text[t])
            {
                p++;
                t++;
            }
            else if (star >= 0)
            {
                p = star + 1;
                t = ++mark;
            }
            else
            {
                return false;
            }
        }
        while (p < pattern.Length && pattern[p] == '*') p++;
        return p == pattern.Length;
    }
}
