namespace Edge.Ingest.Routing;

/// <summary>An MQTT topic filter that also tells what its wildcards matched.</summary>
/// <remarks>Source: MQTT 5.0 section 4.7: <c>+</c> one level, <c>#</c> the parent and all below, neither matches a first level that starts with <c>$</c>.</remarks>
internal sealed class TopicFilter
{
    private enum LevelKind : byte { Literal, Single, Rest }

    private readonly LevelKind[] _kinds;
    private readonly string[] _levels;

    private TopicFilter(string text, string[] levels)
    {
        Text = text;
        _levels = levels;
        _kinds = Array.ConvertAll(levels, static l => l switch { "+" => LevelKind.Single, "#" => LevelKind.Rest, _ => LevelKind.Literal });
        SingleCount = _kinds.Count(static k => k == LevelKind.Single);
        HasRest = _kinds[^1] == LevelKind.Rest;
    }

    public string Text { get; }

    /// <summary>Number of <c>+</c>; so many ranges a match fills, one more when <see cref="HasRest"/>.</summary>
    public int SingleCount { get; }

    public bool HasRest { get; }

    public int CaptureCount => SingleCount + (HasRest ? 1 : 0);

    /// <returns>Null when the filter is right, else the reason it is not.</returns>
    public static string? TryParse(string text, out TopicFilter? filter)
    {
        filter = null;
        if (text.Length == 0) return "must not be empty";
        if (text.Contains('\0')) return "must not contain U+0000";
        if (System.Text.Encoding.UTF8.GetByteCount(text) > 65535) return "must not be longer than 65535 bytes";
        if (text.StartsWith("$share/", StringComparison.Ordinal)) return "must not be a shared subscription; leave out $share/<group>/";
        string[] levels = text.Split('/');
        for (int i = 0; i < levels.Length; i++)
        {
            if (levels[i].Length > 1 && levels[i].AsSpan().ContainsAny('+', '#')) return "may have + and # only as a whole level, as in a/+/c or a/#";
            if (levels[i] == "#" && i != levels.Length - 1) return "may have # only as its last level";
        }
        filter = new TopicFilter(text, levels);
        return null;
    }

    /// <summary>Matches a whole topic. Allocates nothing.</summary>
    /// <param name="captures">At least <see cref="CaptureCount"/>; filled with what each <c>+</c> matched and then what <c>#</c> matched (empty for the parent itself).</param>
    public bool IsMatch(ReadOnlySpan<char> topic, Span<Range> captures)
    {
        if (topic.Length == 0) return false;
        if (topic[0] == '$' && _kinds[0] != LevelKind.Literal) return false;
        int at = 0, captured = 0; // at: start of the current level; past the end by one when the topic has no further level
        for (int i = 0; i < _kinds.Length; i++)
        {
            if (_kinds[i] == LevelKind.Rest)
            {
                captures[captured] = Math.Min(at, topic.Length)..topic.Length;
                return true;
            }
            if (at > topic.Length) return false;
            int length = topic[at..].IndexOf('/');
            int end = length < 0 ? topic.Length : at + length;
            if (_kinds[i] == LevelKind.Single) captures[captured++] = at..end;
            else if (!topic[at..end].SequenceEqual(_levels[i])) return false;
            at = end + 1;
        }
        return at > topic.Length;
    }
}
