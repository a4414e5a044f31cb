using Microsoft.AspNetCore.Connections;

namespace Edge.Kafka;

/// <summary>Gives connections of a Kestrel endpoint to a <see cref="KafkaServer"/>.</summary>
public sealed class KafkaConnectionHandler(KafkaServer server) : ConnectionHandler
{
    /// <inheritdoc/>
    public override Task OnConnectedAsync(ConnectionContext connection) => server.ServeAsync(connection);
}
