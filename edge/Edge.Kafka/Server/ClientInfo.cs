namespace Edge.Kafka.Server;

/// <summary>Who is at the other end of a connection, and which address it is told to use.</summary>
/// <param name="AdvertisedHost">Host of this broker for this client.</param>
/// <param name="RemoteAddress">Address of the client, for group descriptions and logs.</param>
internal sealed record ClientInfo(string AdvertisedHost, int AdvertisedPort, string RemoteAddress);
