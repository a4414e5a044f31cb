namespace Edge.Host.Configuration;

/// <summary>A configuration that can be used, and where each given value came from.</summary>
/// <param name="Origins">Key as in the reference to origin; keys that are not here have their default.</param>
public sealed record LoadedConfig(EdgeOptions Options, IReadOnlyDictionary<string, string> Origins);
