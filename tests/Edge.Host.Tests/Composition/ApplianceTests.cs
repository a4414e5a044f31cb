using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Edge.Host.Composition;
using Edge.Log.Storage;
using Edge.Testing.Processes;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Edge.Host.Tests.Composition;

public sealed class ApplianceTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Start_DirectoryInUse_NamesItAndLeavesTheOwnerAlone()
    {
        await using TestAppliance first = await TestAppliance.StartAsync();
        var refused = await Assert.ThrowsAsync<DirectoryInUseException>(() => StartAsync(first.Directory));
        Assert.Contains(first.Directory, refused.Message, StringComparison.Ordinal);
        Assert.Equal(0, (await first.RunAsync("status")).ExitCode);
    }

    [Theory]
    [InlineData("Mqtt")]
    [InlineData("Kafka")]
    [InlineData("Http")]
    public async Task Start_PortInUse_NamesListenerAndPortAndReleasesTheDirectory(string listener)
    {
        using var directory = new TempDirectory();
        using var taken = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        taken.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        taken.Listen();
        int port = ((IPEndPoint)taken.LocalEndPoint!).Port;
        var refused = await Assert.ThrowsAsync<StartException>(() => StartAsync(directory.Path, $"{listener}:Port={port}"));
        Assert.StartsWith($"{listener}:Port {port} on 127.0.0.1 is in use", refused.Message, StringComparison.Ordinal);
        Assert.Null(RunFile.TryRead(directory.Path));
        await using TestAppliance again = await TestAppliance.StartAsync(directory: directory);
    }

    [Fact]
    public async Task Start_AddressOfNoInterface_NamesIt()
    {
        using var directory = new TempDirectory();
        var refused = await Assert.ThrowsAsync<StartException>(() => StartAsync(directory.Path, "Mqtt:BindAddress=192.0.2.1", "Mqtt:UnsafePlaintext=true"));
        Assert.Contains("192.0.2.1", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Restart_SameDirectory_KeepsDeviceTopicsAndRecords()
    {
        using var directory = new TempDirectory();
        string device;
        await using (TestAppliance first = await TestAppliance.StartAsync(directory: directory, settings: ["Topics:alarms:partitions=1"]))
        {
            device = first.Appliance.Journal.DeviceId;
            Assert.Equal(0, (await first.RunWithInputAsync("one\n", "produce", "alarms")).ExitCode);
        }
        Assert.Null(RunFile.TryRead(directory.Path));
        await using TestAppliance second = await TestAppliance.StartAsync(directory: directory, settings: ["Topics:alarms:partitions=2", "Topics:alarms:retention.ms=2d"]);
        Assert.Equal(device, second.Appliance.Journal.DeviceId);
        Assert.Equal("one\n", (await second.RunAsync("consume", "alarms", "--format", "raw")).StandardOutput);
        JsonElement topic = JsonDocument.Parse((await second.RunAsync("topic", "describe", "alarms", "--json")).StandardOutput).RootElement;
        Assert.Equal((2, "172800000"), (topic.GetProperty("partitions").GetArrayLength(), topic.GetProperty("config").GetProperty("retention.ms").GetString()));
    }

    // The main job in one process: what is stored here arrives at the hub, and the audit there finds nothing missing.
    [Fact]
    public async Task Run_WithAHubAsCentre_ForwardsEverything()
    {
        await using TestAppliance hub = await TestAppliance.StartAsync(isHub: true);
        await using TestAppliance edge = await TestAppliance.StartAsync(settings: [$"Sync:BootstrapServers={hub.Kafka}", "Sync:Linger=10ms"]);
        await edge.RunWithInputAsync(string.Concat(Enumerable.Range(0, 300).Select(static i => $"{i}\n")), "produce", "data", "--key", "k");
        await Eventually.TrueAsync(async () => Forwarded(await edge.RunAsync("status", "--json")) == (300, 0), Patience, () => "300 records forwarded");
        CommandResult audit = await TestAppliance.CliAsync("", "audit", "--bootstrap", hub.Kafka, "--topic", "data", "--json");
        Assert.True(audit.ExitCode == 0, audit.ToString());
        JsonElement total = JsonDocument.Parse(audit.StandardOutput.TrimEnd().Split('\n')[^1]).RootElement;
        Assert.Equal(("ok", 300), (total.GetProperty("verdict").GetString(), total.GetProperty("delivered").GetInt32()));

        static (long, long) Forwarded(CommandResult status)
        {
            JsonElement sync = JsonDocument.Parse(status.StandardOutput).RootElement.GetProperty("sync");
            return (sync.GetProperty("recordsForwarded").GetInt64(), sync.GetProperty("backlogRecords").GetInt64());
        }
    }

    [Fact]
    public async Task Stop_WithAFollowerOnTheLine_EndsIt()
    {
        TestAppliance edge = await TestAppliance.StartAsync();
        await edge.RunWithInputAsync("x\n", "produce", "t");
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{edge.Appliance.Url}/api/v1/topics/t/records?follow=true");
        request.Headers.Accept.ParseAdd("application/x-ndjson");
        using HttpResponseMessage response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        Task<string> body = response.Content.ReadAsStringAsync();
        await edge.DisposeAsync();
        Assert.Contains("\"x\"", await body.WaitAsync(Patience), StringComparison.Ordinal);
    }

    private static async Task StartAsync(string directory, params string[] settings)
    {
        await using Appliance appliance = await Appliance.StartAsync(TestAppliance.Options(directory, false, settings), TimeProvider.System, NullLoggerFactory.Instance, CancellationToken.None);
    }
}
