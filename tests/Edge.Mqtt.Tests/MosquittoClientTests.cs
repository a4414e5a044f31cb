using System.Diagnostics;
using Edge.Mqtt.Tests.Support;

namespace Edge.Mqtt.Tests;

/// <summary>mosquitto's command line clients.</summary>
public sealed class MosquittoClientTests
{
    private static Process Start(string tool, params string[] arguments) =>
        Process.Start(new ProcessStartInfo(tool, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true })!;

    [FactNeedingTool("mosquitto_pub")]
    public async Task PubAndSub_EveryVersionAndQos_Works()
    {
        await using TestBroker broker = await TestBroker.StartAsync();
        foreach (string version in new[] { "31", "311", "5" })
        {
            for (int qos = 0; qos <= 2; qos++)
            {
                long subscriptions = broker.Statistics.Subscriptions;
                using Process sub = Start("mosquitto_sub", "-p", $"{broker.Port}", "-V", $"mqttv{version}", "-q", $"{qos}", "-t", "m/#", "-C", "20", "-W", "20");
                await TestBroker.UntilAsync(() => broker.Statistics.Subscriptions > subscriptions, "mosquitto_sub subscribes");
                using Process pub = Start("mosquitto_pub", "-p", $"{broker.Port}", "-V", $"mqttv{version}", "-q", $"{qos}", "-t", "m/x", "-l");
                for (int i = 0; i < 20; i++) await pub.StandardInput.WriteLineAsync($"line {i}");
                pub.StandardInput.Close();
                await pub.WaitForExitAsync();
                Assert.Equal(0, pub.ExitCode);
                string output = await sub.StandardOutput.ReadToEndAsync();
                await sub.WaitForExitAsync();
                Assert.Equal(string.Concat(Enumerable.Range(0, 20).Select(i => $"line {i}\n")), output);
                await TestBroker.UntilAsync(() => broker.Statistics.Connections == 0, "both are gone");
            }
        }
    }
}
