using System.Text;
using MQTTnet;
using MQTTnet.Formatter;
using MQTTnet.Protocol;

namespace Edge.Integration.Tests.EndToEnd;

/// <summary>Publishes with a library client.</summary>
internal static class MqttPublisher
{
    /// <summary>One connection, the messages in order; QoS 1 waits for each acknowledgement.</summary>
    public static async Task PublishAsync(int port, MqttProtocolVersion version, MqttQualityOfServiceLevel qos, string topic, IEnumerable<string> messages, string clientId)
    {
        using var late = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        using IMqttClient client = await ConnectAsync(port, version, clientId, late.Token);
        foreach (string message in messages)
        {
            MqttClientPublishResult result = await client.PublishAsync(
                new MqttApplicationMessageBuilder().WithTopic(topic).WithPayload(Encoding.UTF8.GetBytes(message)).WithQualityOfServiceLevel(qos).Build(), late.Token);
            if (!result.IsSuccess) throw new InvalidOperationException($"The publish was refused: {result.ReasonCode} {result.ReasonString}");
        }
        await client.PingAsync(late.Token); // QoS 0 is not acknowledged; an answered ping says that the broker has read what came before it
        await client.DisconnectAsync(new MqttClientDisconnectOptions(), late.Token);
    }

    public static async Task<IMqttClient> ConnectAsync(int port, MqttProtocolVersion version, string clientId, CancellationToken cancellationToken)
    {
        IMqttClient client = new MqttClientFactory().CreateMqttClient();
        MqttClientOptions options = new MqttClientOptionsBuilder().WithTcpServer("127.0.0.1", port).WithProtocolVersion(version).WithClientId(clientId).WithCleanSession().Build();
        // The library resets its connection at the end by default; a reset may overtake publishes of QoS 0, which nobody promises.
        ((MqttClientTcpOptions)options.ChannelOptions).LingerState = new System.Net.Sockets.LingerOption(false, 0);
        await client.ConnectAsync(options, cancellationToken);
        return client;
    }
}
