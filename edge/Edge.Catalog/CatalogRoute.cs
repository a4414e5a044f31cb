namespace Edge.Catalog;

/// <summary>A route as it is configured.</summary>
/// <param name="Index">0-based; the first that matches wins.</param>
public sealed record CatalogRoute(int Index, string Filter, string Topic, string Key, int Priority, string Payload);
