namespace Edge.Host.Configuration;

/// <summary>Finds the key an operator probably meant.</summary>
internal static class ConfigHints
{
    /// <summary>The known key with the fewest differences, when there are few enough; null otherwise.</summary>
    public static string? Nearest(string name)
    {
        string[] path = name.Split(':');
        (string? best, int fewest) = (null, int.MaxValue);
        foreach (ConfigKey key in ConfigKeys.All)
        {
            string candidate = Filled(key, path);
            int differences = Distance(name.ToUpperInvariant(), candidate.ToUpperInvariant());
            // The right last part in another section is a better guess than many letters changed.
            if (path[^1].Equals(key.Parts[^1], StringComparison.OrdinalIgnoreCase)) differences = Math.Min(differences, 3);
            if (differences < fewest) (best, fewest) = (candidate, differences);
        }
        return fewest <= Math.Max(2, name.Length / 3) ? best : null;
    }

    private static string Filled(ConfigKey key, string[] path) =>
        string.Join(':', key.Parts.Select((part, i) => part == "*" && i < path.Length ? path[i] : part));

    /// <summary>Levenshtein's distance; long names are cut, a hint is no proof.</summary>
    internal static int Distance(string a, string b)
    {
        if (a.Length > 100) a = a[..100];
        if (b.Length > 100) b = b[..100];
        int[] previous = [.. Enumerable.Range(0, b.Length + 1)], current = new int[b.Length + 1];
        for (int i = 1; i <= a.Length; i++)
        {
            current[0] = i;
            for (int j = 1; j <= b.Length; j++)
                current[j] = Math.Min(Math.Min(current[j - 1], previous[j]) + 1, previous[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1));
            (previous, current) = (current, previous);
        }
        return previous[b.Length];
    }
}
