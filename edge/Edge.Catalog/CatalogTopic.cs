namespace Edge.Catalog;

/// <summary>A topic as it is configured.</summary>
/// <param name="RetentionMs">Milliseconds; -1 = for ever.</param>
/// <param name="RetentionBytes">Bytes per partition; -1 = no limit.</param>
/// <param name="CleanupPolicy">Kafka's words: <c>delete</c>, <c>compact</c> or <c>compact,delete</c>.</param>
/// <param name="Full"><c>reject</c> or <c>drop-oldest</c>.</param>
public sealed record CatalogTopic(string Name, Guid Id, int Partitions, long RetentionMs, long RetentionBytes, string CleanupPolicy, string Full, bool IsInternal);
