using System.Text.Unicode;

namespace Edge.Mqtt.Protocol;

/// <summary>Rules for strings, topic names and topic filters.</summary>
/// <remarks>
/// Source: MQTT 5.0, 1.5.4 and 4.7. Control characters and non-characters, which the specification says SHOULD NOT be used, are refused as mosquitto refuses them:
/// they serve no sensor and disturb every terminal and log they reach.
/// </remarks>
internal static class MqttText
{
    public static bool IsValid(ReadOnlySpan<byte> utf8)
    {
        if (!Utf8.IsValid(utf8)) return false;
        for (int i = 0; i < utf8.Length; i++)
        {
            byte b = utf8[i];
            if (b < 0x20 || b == 0x7f) return false;
            if (b < 0xc2) continue;
            if (b == 0xc2 && utf8[i + 1] < 0xa0) return false;                                          // U+0080 to U+009F
            if (b == 0xef && utf8[i + 1] == 0xbf && utf8[i + 2] >= 0xbe) return false;                  // U+FFFE, U+FFFF
            if (b == 0xef && utf8[i + 1] == 0xb7 && utf8[i + 2] is >= 0x90 and <= 0xaf) return false;   // U+FDD0 to U+FDEF
            if (b >= 0xf0 && (utf8[i + 1] & 0x0f) == 0x0f && utf8[i + 2] == 0xbf && utf8[i + 3] >= 0xbe) return false; // U+nFFFE, U+nFFFF
        }
        return true;
    }

    /// <summary>A topic name to publish to: 1 to <paramref name="maxBytes"/> bytes, no wildcard, at most <paramref name="maxLevels"/> levels.</summary>
    public static bool IsTopicName(ReadOnlySpan<byte> utf8, int maxBytes, int maxLevels) =>
        !utf8.IsEmpty && utf8.Length <= maxBytes && !utf8.ContainsAny((byte)'+', (byte)'#') && Levels(utf8) <= maxLevels && IsValid(utf8);

    /// <summary>A topic filter: wildcards fill a whole level, <c>#</c> only the last. The text is already valid UTF-8.</summary>
    public static bool IsTopicFilter(ReadOnlySpan<byte> utf8, int maxBytes, int maxLevels)
    {
        if (utf8.IsEmpty || utf8.Length > maxBytes || Levels(utf8) > maxLevels) return false;
        for (int i = 0; i < utf8.Length; i++)
        {
            if (utf8[i] is not ((byte)'+' or (byte)'#')) continue;
            bool startsLevel = i == 0 || utf8[i - 1] == '/', last = i == utf8.Length - 1;
            if (!startsLevel || !(last || (utf8[i] == '+' && utf8[i + 1] == '/'))) return false;
        }
        return true;
    }

    /// <summary>Splits <c>$share/group/filter</c>. False when the text starts with <c>$share/</c> but is not of that form.</summary>
    public static bool TrySplitShare(string text, out string? group, out string filter)
    {
        group = null;
        filter = text;
        if (!text.StartsWith("$share/", StringComparison.Ordinal)) return text != "$share";
        int end = text.IndexOf('/', 7);
        if (end <= 7 || end == text.Length - 1) return false;
        group = text[7..end];
        filter = text[(end + 1)..];
        return !group.AsSpan().ContainsAny('+', '#');
    }

    /// <summary>Splits <c>$replay/from/filter</c>; what <c>from</c> means is looked at later. False when the text starts with <c>$replay/</c> but is not of that form.</summary>
    public static bool TrySplitReplay(string text, out string? from, ref string filter)
    {
        from = null;
        if (!text.StartsWith("$replay/", StringComparison.Ordinal)) return true;
        int end = text.IndexOf('/', 8);
        if (end <= 8 || end == text.Length - 1) return false;
        from = text[8..end];
        filter = text[(end + 1)..];
        return !from.AsSpan().ContainsAny('+', '#');
    }

    private static int Levels(ReadOnlySpan<byte> utf8) => utf8.Count((byte)'/') + 1;
}
