using System.Globalization;
using System.Text.Json;
using Edge.Testing.Processes;

namespace Edge.Benchmarks.Mqtt;

/// <summary>The MQTT load generator: raw sockets, closed loop, QoS 1, 100 bytes of payload.</summary>
internal sealed class MqttLoad(string program, int seconds)
{
    /// <summary>Connections and messages in flight on each.</summary>
    public static readonly (int Connections, int Window)[] Shapes = [(1, 1), (1, 50), (10, 50), (100, 50)];

    /// <summary>Messages acknowledged a second, after a warm-up of a second.</summary>
    /// <exception cref="InvalidOperationException">A message was lost, refused, or answered wrongly.</exception>
    public async Task<double> RunAsync(int port, int connections, int window)
    {
        CommandResult result = await Command.RunAsync(program,
            ["pub", "-p", N(port), "-q", "1", "-c", N(connections), "-w", N(window), "-s", "100", "-S", N(seconds), "--warmup", "1", "-t", "bench/%c"], timeout: TimeSpan.FromSeconds(seconds + 60));
        if (result.ExitCode != 0) throw new InvalidOperationException($"The load generator found something wrong: {result}");
        using JsonDocument document = JsonDocument.Parse(result.StandardOutput);
        return document.RootElement.GetProperty("msgs_per_s").GetDouble();
    }

    private static string N(int number) => number.ToString(CultureInfo.InvariantCulture);
}
