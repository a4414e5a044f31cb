using Microsoft.AspNetCore.Connections;

namespace Edge.Mqtt;

/// <summary>Entry of the broker for Kestrel: <c>listen.UseConnectionHandler(...)</c>.</summary>
public sealed class MqttConnectionHandler(MqttBroker broker) : ConnectionHandler
{
    public override Task OnConnectedAsync(ConnectionContext connection) => broker.ServeAsync(connection);
}
