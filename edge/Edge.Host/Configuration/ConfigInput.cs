using System.Collections;

namespace Edge.Host.Configuration;

/// <summary>Where a configuration comes from.</summary>
/// <param name="File">Null: no file.</param>
/// <param name="Environment">Variables; those that begin with <c>EDGE_</c> count.</param>
/// <param name="Settings"><c>KEY=VALUE</c>, the last word.</param>
/// <param name="IsHub">The defaults of a stand-in centre: sync off, sensors off.</param>
public sealed record ConfigInput(string? File, IDictionary Environment, IReadOnlyList<string> Settings, bool IsHub = false);
