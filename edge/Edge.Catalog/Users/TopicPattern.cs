namespace Edge.Catalog.Users;

/// <summary>Patterns of rules, over the topics of the log and over MQTT topics alike.</summary>
/// <remarks>
/// An MQTT filter (<c>+</c> one level, <c>#</c> the rest) in which <c>*</c> stands for any characters within a level, <c>%u</c> for the user's own name and <c>%c</c> for the
/// MQTT client id: <c>#</c> is everything, <c>plant.*</c> the log's topics that begin so, <c>sensors/%u/#</c> the user's own branch.
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

    /// <summary>True when the pattern covers every topic that <paramref name="filter"/> (a topic, or an MQTT filter) can mean.</summary>
    /// <param name="clientId">Empty where there is none: <c>%c</c> matches nothing then.</param>
    /// <remarks>A name with wildcards or levels of its own in place of %u or %c never matches: CVE-2017-7650. Wildcards do not reach into topics that begin with $, as in MQTT.</remarks>
    public static bool Covers(string pattern, string filter, string user, string clientId)
    {
        ReadOnlySpan<char> p = pattern, f = filter;
        bool isFirst = true;
        while (true)
        {
            ReadOnlySpan<char> level = Take(ref p, out bool morePattern), wanted = Take(ref f, out bool moreFilter);
            if (isFirst && wanted.StartsWith('$') && (level is "#" || level is "+")) return false;
            isFirst = false;
            if (level is "#") return true;
            if (wanted is "#") return false;
            if (level is not "+" && !MatchesLevel(level, wanted, user, clientId)) return false;
            if (!morePattern) return !moreFilter;
            if (!moreFilter) return p is "#"; // "a/#" covers "a" too, as in MQTT
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

    private static bool MatchesLevel(ReadOnlySpan<char> pattern, ReadOnlySpan<char> text, string user, string clientId)
    {
        if (text is "+") return false; // only '+' and '#' cover a whole level
        if (!pattern.Contains('%')) return MatchesStars(pattern, text);
        string expanded = pattern.ToString();
        return TryExpand(ref expanded, "%u", user) && TryExpand(ref expanded, "%c", clientId) && MatchesStars(expanded, text);
    }

    private static bool TryExpand(ref string level, string name, string value)
    {
        if (!level.Contains(name, StringComparison.Ordinal)) return true;
        if (value.Length == 0 || value.AsSpan().ContainsAny("+#/*%")) return false;
        level = level.Replace(name, value, StringComparison.Ordinal);
        return true;
    }

    /// <summary>One level with stars. The work is bounded by the product of both lengths.</summary>
    private static bool MatchesStars(ReadOnlySpan<char> pattern, ReadOnlySpan<char> text)
    {
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
