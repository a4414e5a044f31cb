using System.Text.RegularExpressions;
using Edge.Architecture.Tests.Model;

namespace Edge.Architecture.Tests.Rules;

/// <summary>Rules about the text of sources. Each yields a sentence a violation, with file and line.</summary>
public static partial class SourceRules
{
    /// <summary>A longer file holds more than one thing.</summary>
    public const int MaxLines = 450;

    /// <summary>.NET does not report a failed fsync: the BCL's flushes are banned.</summary>
    public static IEnumerable<string> FlushOfTheBaseLibrary(IEnumerable<SourceFile> sources) =>
        Matches(sources, Flush(), s => s.Code, "hides a failed fsync; use IDiskFile.Sync");

    /// <summary>Time comes from TimeProvider, so that a test can set it and a clock step is seen in one place.</summary>
    public static IEnumerable<string> WallClock(IEnumerable<SourceFile> sources) =>
        Matches(sources, Clock(), s => s.Code, "reads the wall clock; time comes from TimeProvider");

    /// <summary>Nothing is left for later in what is shipped, comments included.</summary>
    public static IEnumerable<string> LeftForLater(IEnumerable<SourceFile> sources) =>
        Matches(sources, Later(), s => s.Text, "is left for later");

    /// <summary>A file has one namespace, without a block: the rules about types count on it.</summary>
    public static IEnumerable<string> BlockNamespaces(IEnumerable<SourceFile> sources) =>
        Matches(sources, BlockNamespace(), s => s.Code, "has a block; write 'namespace X;'");

    /// <summary>The analyzer that bans calls is not switched off.</summary>
    public static IEnumerable<string> BansSwitchedOff(IEnumerable<SourceFile> sources) =>
        Matches(sources, Suppression(), s => s.Text, "switches a ban off");

    /// <summary>Files stay short enough to hold one thing.</summary>
    public static IEnumerable<string> TooLong(IEnumerable<SourceFile> sources) =>
        sources.Where(s => s.LineCount > MaxLines).Select(s => $"{s.Path} has {s.LineCount} lines; {MaxLines} is the most.");

    /// <summary>One public type a file, named after it (a partial type's files add a suffix: Journal.Recovery.cs).</summary>
    public static IEnumerable<string> OnePublicTypeAFile(IEnumerable<SourceFile> sources)
    {
        foreach (SourceFile source in sources)
        {
            string[] types = [.. PublicType().Matches(source.Code).Select(m => m.Groups["name"].Value).Distinct()];
            if (types.Length > 1) yield return $"{source.Path} has several public types: {string.Join(", ", types)}.";
            else if (types.Length == 1 && types[0] != source.Name.Split('.')[0]) yield return $"{source.Path} holds {types[0]}; name the file after it.";
        }
    }

    /// <summary>Every public type of a room says what it is.</summary>
    public static IEnumerable<string> WithoutDocstring(IEnumerable<SourceFile> sources)
    {
        foreach (SourceFile source in sources)
        {
            // The parts of a partial type share one docstring, which stands in the file without suffix.
            if (source.Name.Contains('.', StringComparison.Ordinal)) continue;
            string[] lines = source.Text.Split('\n');
            foreach (Match match in PublicType().Matches(source.Code))
            {
                int above = source.LineOf(match.Index) - 2;
                while (above >= 0 && lines[above].StartsWith('[')) above--;
                if (above < 0 || !lines[above].StartsWith("///", StringComparison.Ordinal))
                    yield return $"{source.Path}: {match.Groups["name"].Value} has no docstring.";
            }
        }
    }

    private static IEnumerable<string> Matches(IEnumerable<SourceFile> sources, Regex pattern, Func<SourceFile, string> text, string what) =>
        from source in sources
        from match in pattern.Matches(text(source))
        select $"{source.Path}({source.LineOf(match.Index)}): {match.Value.Trim()} {what}.";

    [GeneratedRegex(@"\.Flush\s*\(\s*(flushToDisk\s*:\s*)?true\s*\)|\bFlushToDisk\b|\bFileOptions\.WriteThrough\b")]
    private static partial Regex Flush();

    [GeneratedRegex(@"\b(DateTime|DateTimeOffset)\s*\.\s*(UtcNow|Now|Today)\b")]
    private static partial Regex Clock();

    [GeneratedRegex(@"\b(TODO|FIXME|HACK|XXX)\b|\bNotImplementedException\b|\bthrow null\b")]
    private static partial Regex Later();

    [GeneratedRegex(@"^namespace\s+[\w.]+\s*\{", RegexOptions.Multiline)]
    private static partial Regex BlockNamespace();

    [GeneratedRegex(@"\bRS0030\b|\bRS0031\b|#pragma warning disable[ \t]*(//.*)?\r?$", RegexOptions.Multiline)]
    private static partial Regex Suppression();

    // Namespaces are file-scoped, so a type at the start of a line is not nested.
    [GeneratedRegex(@"^public\s+(?:(?:static|sealed|abstract|partial|readonly|ref|unsafe|new)\s+)*(?:record\s+struct|record\s+class|class|struct|record|interface|enum|delegate\s+[\w<>\[\],.? ]+?)\s+(?<name>\w+)", RegexOptions.Multiline)]
    private static partial Regex PublicType();
}
