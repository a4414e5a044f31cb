using System.Globalization;
using System.Text;
using Edge.Log.Records;

namespace Edge.Ingest.Routing;

/// <summary>Makes a topic name of whatever a template expanded to.</summary>
internal static class TopicNames
{
    /// <summary>Kafka's limit, characters.</summary>
    public const int MaxLength = 249;

    /// <summary>Replaces each character outside <c>[A-Za-z0-9._-]</c> by <c>_</c> and bounds the length.</summary>
    /// <remarks>
    /// The result never starts with <c>__</c>: what a client writes into an MQTT topic must not reach the appliance's own topics. A name that is too long keeps
    /// its start and ends in a hash of the whole, so that two long names with one beginning stay two topics.
    /// </remarks>
    public static string Sanitize(string text)
    {
        if (IsUsable(text)) return text;
        var name = new StringBuilder(Math.Min(text.Length, MaxLength));
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (name.Length == MaxLength + 1) break;
            name.Append(rune.IsAscii && IsAllowed((char)rune.Value) ? (char)rune.Value : '_');
        }
        if (name.Length > MaxLength)
        {
            string hash = Murmur2.Hash(Encoding.UTF8.GetBytes(text)).ToString("x8", CultureInfo.InvariantCulture);
            name.Length = MaxLength - 1 - hash.Length;
            name.Append('-').Append(hash);
        }
        int underscores = 0;
        while (underscores < name.Length && name[underscores] == '_') underscores++;
        if (underscores > 1) name.Remove(0, underscores - 1);
        string result = name.ToString();
        return result is "" or "." or ".." ? "_" : result;
    }

    public static bool IsUsable(string name) =>
        name.Length is > 0 and <= MaxLength && name is not ("." or "..") && !name.StartsWith("__", StringComparison.Ordinal) && name.All(IsAllowed);

    private static bool IsAllowed(char c) => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-';
}
