namespace Edge.Architecture.Tests.Model;

/// <summary>A C# source, as text and as code.</summary>
/// <param name="Path">From the root of the checkout, with forward slashes.</param>
/// <param name="Text">All of it.</param>
public sealed record SourceFile(string Path, string Text)
{
    private readonly Lazy<string> _code = new(() => CodeText.Blank(Text));

    /// <summary>The text with comments, strings and characters blanked: what the compiler acts on. Same length, same lines.</summary>
    public string Code => _code.Value;

    /// <summary>True for what is shipped.</summary>
    public bool IsRoom => !Path.StartsWith("tests/", StringComparison.Ordinal);

    /// <summary>File name without extension.</summary>
    public string Name => System.IO.Path.GetFileNameWithoutExtension(Path);

    /// <summary>Lines, as an editor counts them.</summary>
    public int LineCount => Text.Length == 0 ? 0 : Text.Count(c => c == '\n') + (Text.EndsWith('\n') ? 0 : 1);

    /// <summary>1-based line of a position.</summary>
    public int LineOf(int position) => Text.AsSpan(0, position).Count('\n') + 1;
}
