using System.Net;
using System.Net.Sockets;
using Edge.Integration.Tests.EndToEnd;
using Edge.Testing.Processes;
using MQTTnet.Formatter;
using MQTTnet.Protocol;
using Xunit;

namespace Edge.Integration.Tests.BadInput;

/// <summary>An appliance that cannot start says why, with what is allowed, and harms nothing.</summary>
[Trait("Category", "Slow")]
public sealed class StartTests
{
    [Fact]
    public async Task Start_WrongKeysAndTypes_NamesThemAllAndEndsWith2()
    {
        using var data = new TempDirectory();
        CommandResult result = await RunAsync("run", "--data", data.At("none"), "--set", "Mqtt:Prot=1883", "--set", "Kafka:Port=many", "--set", "Sync:Linger=-3s");
        Assert.Equal(2, result.ExitCode);
        foreach (string part in new[] { "Mqtt:Prot", "Kafka:Port", "many", "Sync:Linger" }) Assert.Contains(part, result.StandardError, StringComparison.OrdinalIgnoreCase);
        Assert.False(Directory.Exists(data.At("none")), "a refused configuration makes no data directory");
    }

    [Fact]
    public async Task Start_ConfigFileNotJson_SaysWhereAndEndsWith2()
    {
        using var data = new TempDirectory();
        File.WriteAllText(data.At("edge.json"), "{\n  \"Mqtt\": { \"Port\": 1883\n");
        CommandResult result = await RunAsync("run", "--data", data.At("none"), "--config", data.At("edge.json"));
        Assert.Equal(2, result.ExitCode);
        Assert.Contains("edge.json", result.StandardError, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_DataDirectoryInUse_SaysSoAndTheFirstGoesOn()
    {
        using var data = new TempDirectory();
        await using EdgeProcess first = await EdgeProcess.StartAsync(new EdgeStart("run", data.Path));
        EdgeStartException refused = await Assert.ThrowsAsync<EdgeStartException>(() => EdgeProcess.StartAsync(new EdgeStart("run", data.Path)));
        Assert.Equal(3, refused.ExitCode);
        Assert.Contains("in use", refused.Message, StringComparison.OrdinalIgnoreCase);
        Assert.Contains(data.Path, refused.Message, StringComparison.Ordinal);
        await MqttPublisher.PublishAsync(first.Ports.Mqtt, MqttProtocolVersion.V311, MqttQualityOfServiceLevel.AtLeastOnce, "t", ["still here"], "c");
        Assert.Equal(["still here"], EdgePair.Values(first, "telemetry"));
        CommandResult status = await RunAsync("status", "--data", data.Path, "--json"); // run.json is still that of the first
        Assert.True(status.ExitCode == 0, status.ToString());
    }

    [Fact]
    public async Task Start_PortInUse_NamesThePortAndEndsWith3()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        socket.Listen();
        int port = ((IPEndPoint)socket.LocalEndPoint!).Port;
        using var data = new TempDirectory();
        EdgeStartException refused = await Assert.ThrowsAsync<EdgeStartException>(() => EdgeProcess.StartAsync(new EdgeStart("run", data.Path) { Ports = new(port, 0, 0) }));
        Assert.Equal(3, refused.ExitCode);
        Assert.Contains(port.ToString(System.Globalization.CultureInfo.InvariantCulture), refused.Message, StringComparison.Ordinal);
        Assert.Contains("Mqtt:Port", refused.Message, StringComparison.Ordinal);
        await using EdgeProcess after = await EdgeProcess.StartAsync(new EdgeStart("run", data.Path)); // what it made is fit for use
    }

    [Fact]
    public async Task Start_DataDirectoryIsAFile_SaysSoAndEndsWith3()
    {
        using var data = new TempDirectory();
        File.WriteAllText(data.At("file"), "mine");
        EdgeStartException refused = await Assert.ThrowsAsync<EdgeStartException>(() => EdgeProcess.StartAsync(new EdgeStart("run", data.At("file"))));
        Assert.Equal(3, refused.ExitCode);
        Assert.Contains(data.At("file"), refused.Message, StringComparison.Ordinal);
        Assert.Equal("mine", File.ReadAllText(data.At("file")));
    }

    private static Task<CommandResult> RunAsync(params string[] arguments) => Command.RunAsync(EdgeExecutable.Default, arguments);
}
