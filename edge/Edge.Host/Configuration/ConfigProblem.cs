namespace Edge.Host.Configuration;

/// <summary>One thing that is wrong with the configuration.</summary>
/// <param name="Key">As the operator wrote it.</param>
/// <param name="Value">What was given; null when the key itself is the problem.</param>
/// <param name="Allowed">What may be given instead.</param>
/// <param name="Origin">Where it came from: a file, <c>environment</c>, <c>--set</c>; empty when several together are the problem.</param>
public sealed record ConfigProblem(string Key, string? Value, string Allowed, string Origin)
{
    /// <summary>A sentence of a room's own validation, which names key, value and what is allowed already.</summary>
    public string? Sentence { get; init; }

    public override string ToString() => Sentence
        ?? (Value is null ? $"{Key}: {Allowed}." : $"{Key} is {Shown(Value)}; use {Allowed}.") + (Origin.Length == 0 ? "" : $" ({Origin})");

    private static string Shown(string value) => value.Length > 200 ? $"'{value[..200]}…'" : $"'{value}'";
}
