namespace Edge.Catalog;

/// <summary>A device that connected at least once.</summary>
/// <param name="User">Of the last connect; null when it did not log in.</param>
/// <param name="Address">Of the last connect.</param>
/// <param name="Connects">Times it connected, all starts of the appliance together. Written at most once a minute: a crash forgets the last ones.</param>
public sealed record CatalogDevice(string ClientId, DateTimeOffset FirstSeen, DateTimeOffset LastSeen, string? User, string Address, long Connects);
