namespace Edge.Catalog;

/// <summary>A sensor as it is configured.</summary>
public sealed record CatalogSensor(string Name, string Driver, string Topic, string Key, TimeSpan Interval, IReadOnlyDictionary<string, string> Settings);
