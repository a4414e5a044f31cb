namespace Edge.Mqtt.Security;

/// <summary>What a CONNECT brings to show who it is.</summary>
/// <param name="ClientId">Empty when the client leaves it to the broker.</param>
/// <param name="UserName">Null: none.</param>
/// <param name="Password">Null: none. Not kept by whoever checks it.</param>
/// <param name="CertificateName">Common name of the client certificate, whose chain was checked; null: none.</param>
/// <param name="Address">Of the peer.</param>
public sealed record MqttCredentials(string ClientId, string? UserName, byte[]? Password, string? CertificateName, string Address);
