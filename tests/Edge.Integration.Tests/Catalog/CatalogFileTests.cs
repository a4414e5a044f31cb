using Edge.Integration.Tests.EndToEnd;
using Edge.Testing.Processes;
using MQTTnet.Formatter;
using MQTTnet.Protocol;
using Xunit;

namespace Edge.Integration.Tests.Catalog;

/// <summary>The catalog is a read model: without its file nothing is lost.</summary>
[Trait("Category", "Slow")]
public sealed class CatalogFileTests
{
    [Fact]
    public async Task Restart_CatalogFileDeleted_DevicesAndRecordsAreThere()
    {
        using var data = new TempDirectory();
        EdgeProcess edge = await EdgeProcess.StartAsync(new EdgeStart("run", data.Path));
        try
        {
            await MqttPublisher.PublishAsync(edge.Ports.Mqtt, MqttProtocolVersion.V500, MqttQualityOfServiceLevel.AtLeastOnce, "a/b", ["kept"], "catalogued");
            await SeenAsync(edge);
            Assert.Equal(0, await edge.StopAsync());
            string[] files = EndToEndTests.CatalogFiles(data.Path);
            Assert.NotEmpty(files);
            foreach (string file in files) File.Delete(file);
            await edge.DisposeAsync();
            edge = await edge.StartAgainAsync();
            await SeenAsync(edge);
            Assert.Equal(["kept"], EdgePair.Values(edge, "telemetry"));
        }
        finally { await edge.DisposeAsync(); }
    }

    [Fact]
    public async Task Restart_CatalogFileDamaged_DevicesAndRecordsAreThere()
    {
        using var data = new TempDirectory();
        EdgeProcess edge = await EdgeProcess.StartAsync(new EdgeStart("run", data.Path));
        try
        {
            await MqttPublisher.PublishAsync(edge.Ports.Mqtt, MqttProtocolVersion.V311, MqttQualityOfServiceLevel.AtLeastOnce, "a/b", ["kept"], "catalogued");
            await SeenAsync(edge);
            Assert.Equal(0, await edge.StopAsync());
            foreach (string file in EndToEndTests.CatalogFiles(data.Path)) File.WriteAllBytes(file, [.. Enumerable.Repeat((byte)0x5A, 20_000)]);
            await edge.DisposeAsync();
            edge = await edge.StartAgainAsync();
            await SeenAsync(edge);
            Assert.Equal(["kept"], EdgePair.Values(edge, "telemetry"));
        }
        finally { await edge.DisposeAsync(); }
    }

    private static Task SeenAsync(EdgeProcess edge) =>
        Eventually.TrueAsync(async () => (await edge.GetTextAsync("/api/v1/devices")).Contains("catalogued", StringComparison.Ordinal), TimeSpan.FromSeconds(30), () => $"the device is in the catalog\n{edge.Output}");
}
