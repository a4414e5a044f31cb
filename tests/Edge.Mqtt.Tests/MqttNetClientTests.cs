using System.Buffers;
using System.Text;
using Edge.Mqtt.Tests.Support;
using MQTTnet;
using MQTTnet.Formatter;
using MQTTnet.Protocol;

namespace Edge.Mqtt.Tests;

/// <summary>A client library that others wrote.</summary>
public sealed class MqttNetClientTests
{
    [Theory]
    [InlineData(MqttProtocolVersion.V311, MqttQualityOfServiceLevel.AtLeastOnce)]
    [InlineData(MqttProtocolVersion.V500, MqttQualityOfServiceLevel.AtLeastOnce)]
    [InlineData(MqttProtocolVersion.V311, MqttQualityOfServiceLevel.ExactlyOnce)]
    [InlineData(MqttProtocolVersion.V500, MqttQualityOfServiceLevel.ExactlyOnce)]
    public async Task PublishAndSubscribe_RoundTrip(MqttProtocolVersion version, MqttQualityOfServiceLevel qos)
    {
        await using TestBroker broker = await TestBroker.StartAsync();
        using IMqttClient subscriber = new MqttClientFactory().CreateMqttClient(), publisher = new MqttClientFactory().CreateMqttClient();
        List<string> received = [];
        TaskCompletionSource done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        subscriber.ApplicationMessageReceivedAsync += message =>
        {
            received.Add(message.ApplicationMessage.Topic + "=" + Encoding.UTF8.GetString(message.ApplicationMessage.Payload.ToArray()));
            if (received.Count == 50) done.TrySetResult();
            return Task.CompletedTask;
        };
        await subscriber.ConnectAsync(new MqttClientOptionsBuilder().WithTcpServer("127.0.0.1", broker.Port).WithProtocolVersion(version).WithClientId("sub").Build());
        await subscriber.SubscribeAsync("room/+/temp", qos);
        await publisher.ConnectAsync(new MqttClientOptionsBuilder().WithTcpServer("127.0.0.1", broker.Port).WithProtocolVersion(version).WithCredentials("me", "secret").Build());
        for (int i = 0; i < 50; i++)
        {
            MqttClientPublishResult result = await publisher.PublishAsync(
                new MqttApplicationMessageBuilder().WithTopic($"room/{i}/temp").WithPayload($"{i}").WithQualityOfServiceLevel(qos).Build());
            Assert.True(result.IsSuccess);
        }
        await done.Task.WaitAsync(TimeSpan.FromSeconds(20));
        Assert.Equal(Enumerable.Range(0, 50).Select(i => $"room/{i}/temp={i}"), received);
        await publisher.DisconnectAsync();
        await subscriber.DisconnectAsync();
    }
}
