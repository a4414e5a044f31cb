namespace Edge.Architecture.Tests.Model;

/// <summary>Blanks what the compiler does not act on, so that a rule about code is not misled by a comment or a message.</summary>
/// <remarks>Knows line and block comments, characters, ordinary, verbatim and raw strings. What stands in the holes of an
/// interpolated string is blanked with it.</remarks>
public static class CodeText
{
    /// <summary>The same text, of the same length and with the same line ends, with comments and literals as spaces.</summary>
    public static string Blank(string text)
    {
        char[] code = text.ToCharArray();
        int i = 0;
        while (i < text.Length)
        {
            int end = EndOfLiteral(text, i);
            if (end == i) { i++; continue; }
            for (; i < end; i++)
            {
                if (code[i] is not ('\n' or '\r')) code[i] = ' ';
            }
        }
        return new string(code);
    }

    /// <summary>Where the comment or literal that starts at <paramref name="start"/> ends, exclusive; start itself when none starts there.</summary>
    private static int EndOfLiteral(string text, int start)
    {
        ReadOnlySpan<char> rest = text.AsSpan(start);
        if (rest.StartsWith("//")) return EndAfter(text, start, "\n", keep: 1);
        if (rest.StartsWith("/*")) return EndAfter(text, start + 2, "*/", keep: 0);
        if (rest.StartsWith("\"\"\"")) return EndOfRaw(text, start);
        if (rest[0] == '"') return EndOfString(text, start, verbatim: start > 0 && IsVerbatim(text, start));
        if (rest[0] == '\'') return EndOfCharacter(text, start);
        return start;
    }

    private static bool IsVerbatim(string text, int quote) =>
        text[quote - 1] == '@' || (text[quote - 1] == '$' && quote > 1 && text[quote - 2] == '@');

    private static int EndAfter(string text, int from, string end, int keep)
    {
        int found = text.IndexOf(end, Math.Min(from, text.Length), StringComparison.Ordinal);
        return found < 0 ? text.Length : found + end.Length - keep;
    }

    private static int EndOfRaw(string text, int start)
    {
        int quotes = 0;
        while (start + quotes < text.Length && text[start + quotes] == '"') quotes++;
        return EndAfter(text, start + quotes, new string('"', quotes), keep: 0);
    }

    private static int EndOfString(string text, int start, bool verbatim)
    {
        for (int i = start + 1; i < text.Length; i++)
        {
            if (text[i] == '\\' && !verbatim) { i++; continue; }
            if (text[i] == '\n' && !verbatim) return i; // not closed on its line: nothing that compiles
            if (text[i] != '"') continue;
            if (verbatim && i + 1 < text.Length && text[i + 1] == '"') { i++; continue; }
            return i + 1;
        }
        return text.Length;
    }

    private static int EndOfCharacter(string text, int start)
    {
        int i = start + 1;
        while (i < text.Length && text[i] != '\'' && text[i] != '\n') i += text[i] == '\\' ? 2 : 1;
        return Math.Min(i + 1, text.Length);
    }
}
