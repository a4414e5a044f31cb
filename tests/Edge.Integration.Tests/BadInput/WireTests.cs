using System.Net;
using System.Net.Sockets;
using Edge.Integration.Tests.EndToEnd;
using Edge.Testing.Processes;
using MQTTnet;
using MQTTnet.Formatter;
using MQTTnet.Protocol;
using Xunit;

namespace Edge.Integration.Tests.BadInput;

/// <summary>Bytes no client should send: the sender is told or cut off, what is stored stays as it is, and the others go on.</summary>
[Trait("Category", "Slow")]
public sealed class WireTests : IAsyncLifetime, IDisposable
{
    private static readonly byte[] Connect311 = [0x10, 13, 0, 4, (byte)'M', (byte)'Q', (byte)'T', (byte)'T', 4, 2, 0, 0, 0, 1, (byte)'x'];

    private readonly TempDirectory _data = new();
    private EdgeProcess _edge = null!;

    public async Task InitializeAsync()
    {
        _edge = await EdgeProcess.StartAsync(new EdgeStart("run", _data.Path));
        await MqttPublisher.PublishAsync(_edge.Ports.Mqtt, MqttProtocolVersion.V311, MqttQualityOfServiceLevel.AtLeastOnce, "before", ["before"], "before");
    }

    public async Task DisposeAsync() => await _edge.DisposeAsync();

    public void Dispose() => _data.Dispose();

    [Theory]
    [InlineData("FFFFFFFF00")] // a reserved packet type, an endless length
    [InlineData("1000")] // CONNECT without anything
    [InlineData("100D00044D515454FF020000000178")] // a protocol level of no one
    [InlineData("300500016178797A")] // PUBLISH before CONNECT
    [InlineData("474554202F20485454502F312E310D0A0D0A")] // GET / HTTP/1.1
    public async Task Mqtt_MalformedFirstPacket_ConnectionIsClosedAndNothingIsHarmed(string hex)
    {
        await SendUntilClosedAsync(_edge.Ports.Mqtt, Convert.FromHexString(hex));
        await UnharmedAsync();
    }

    [Fact]
    public async Task Mqtt_TopicNotUtf8_ConnectionIsClosedAndNothingIsStored()
    {
        await SendUntilClosedAsync(_edge.Ports.Mqtt, [.. Connect311, 0x32, 8, 0, 2, 0xC3, 0x28, 0, 1, (byte)'h', (byte)'i']);
        await UnharmedAsync();
    }

    [Fact]
    public async Task Mqtt_PacketAboveTheLimit_ConnectionIsClosedBeforeItIsTaken()
    {
        // Claims 200 MiB: the length alone must be enough for a refusal.
        await SendUntilClosedAsync(_edge.Ports.Mqtt, [.. Connect311, 0x32, 0x80, 0x80, 0x80, 0x64]);
        await UnharmedAsync();
    }

    [Fact]
    public async Task Mqtt_OversizedPayloadOfVersion5_ClientIsToldAndNothingIsStored()
    {
        using var late = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        using IMqttClient client = await MqttPublisher.ConnectAsync(_edge.Ports.Mqtt, MqttProtocolVersion.V500, "big", late.Token);
        var reason = new TaskCompletionSource<MqttClientDisconnectReason>(TaskCreationOptions.RunContinuationsAsynchronously);
        client.DisconnectedAsync += e =>
        {
            reason.TrySetResult(e.Reason);
            return Task.CompletedTask;
        };
        try { await client.PublishAsync(new MqttApplicationMessageBuilder().WithTopic("big").WithPayload(new byte[2 << 20]).WithQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce).Build(), late.Token); }
        catch (Exception e) when (e is not OperationCanceledException) { } // the client's own way of saying that the connection ended
        Assert.Equal(MqttClientDisconnectReason.PacketTooLarge, await reason.Task.WaitAsync(TimeSpan.FromSeconds(20)));
        await UnharmedAsync();
    }

    [Theory]
    [InlineData("FFFFFFFF0000")] // a negative length
    [InlineData("7FFFFFFF0000")] // two gigabytes
    [InlineData("474554202F20485454502F312E310D0A0D0A")] // GET / HTTP/1.1
    [InlineData("0000000A03E7000000000001FFFF")] // an API nobody has
    public async Task Kafka_Garbage_ConnectionIsClosedAndNothingIsHarmed(string hex)
    {
        await SendUntilClosedAsync(_edge.Ports.Kafka, Convert.FromHexString(hex));
        await UnharmedAsync();
    }

    [Fact]
    public async Task Http_NotJson_IsAProblemDocumentAndNothingIsStored()
    {
        using var http = new HttpClient();
        using var body = new StringContent("{\"records\": [", System.Text.Encoding.UTF8, "application/json");
        using HttpResponseMessage response = await http.PostAsync(new Uri($"{_edge.Url}/api/v1/topics/telemetry/records"), body);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        await UnharmedAsync();
    }

    /// <summary>What was stored is there, alone, and the next publish is taken.</summary>
    private async Task UnharmedAsync()
    {
        Assert.Equal(["before"], EdgePair.Values(_edge, "telemetry"));
        await MqttPublisher.PublishAsync(_edge.Ports.Mqtt, MqttProtocolVersion.V500, MqttQualityOfServiceLevel.AtLeastOnce, "after", ["after"], "after");
        Assert.Equal(["after", "before"], EdgePair.Values(_edge, "telemetry").Order(StringComparer.Ordinal));
        Assert.False(_edge.HasExited);
    }

    private static async Task SendUntilClosedAsync(int port, byte[] bytes)
    {
        using var late = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, port), late.Token);
        await socket.SendAsync(bytes, SocketFlags.None, late.Token);
        byte[] answer = new byte[1024];
        try { while (await socket.ReceiveAsync(answer, SocketFlags.None, late.Token) > 0) { } }
        catch (SocketException) { } // a reset is an end as well
    }
}
