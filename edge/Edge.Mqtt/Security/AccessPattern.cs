namespace Edge.Mqtt.Security;

/// <summary>One filter of a right, with <c>%u</c> and <c>%c</c>.</summary>
internal sealed class AccessPattern(string pattern)
{
    private readonly string[] _levels = pattern.Split('/');

    /// <summary>True when the pattern covers every topic that <paramref name="filter"/> (a filter, or a topic) can mean.</summary>
    /// <remarks>A name with wildcards or levels of its own in place of %u or %c never matches: CVE-2017-7650.</remarks>
    public bool Covers(string filter, string user, string clientId)
    {
        string[] wanted = filter.Split('/');
        if (wanted[0].StartsWith('$') && (_levels[0] is "#" or "+")) return false; // as wildcards do not reach into $SYS
        for (int i = 0; i < _levels.Length; i++)
        {
            string level = _levels[i];
            if (level == "#") return true;
            if (i >= wanted.Length) return false;
            if (wanted[i] == "#") return false;
            if (level == "+") continue;
            if (level.Contains('%', StringComparison.Ordinal))
            {
                if (!TryExpand(ref level, "%u", user) || !TryExpand(ref level, "%c", clientId)) return false;
            }
            if (wanted[i] != level) return false;
        }
        return wanted.Length == _levels.Length;
    }

    private static bool TryExpand(ref string level, string name, string value)
    {
        if (!level.Contains(name, StringComparison.Ordinal)) return true;
        if (value.Length == 0 || value.AsSpan().ContainsAny("+#/")) return false;
        level = level.Replace(name, value, StringComparison.Ordinal);
        return true;
    }
}
