using System.Diagnostics;
using Edge.Mqtt.Tests.Support;

namespace Edge.Mqtt.Tests;

/// <summary>mosquitto's command line clients.</summary>
public sealed class MosquittoClientTests
{
    private static Process Start(string tool, params string[] arguments) =>
        Process.Start(new ProcessStartInfo(tool, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true })!;

    // Goal: request and response as a program that no one here wrote does it: a response topic and correlation data.
    [FactNeedingTool("mosquitto_rr")]
    public async Task RequestAndResponse_Version5_Works()
    {
        await using TestBroker broker = await TestBroker.StartAsync();
        using RawClient responder = await RawClient.ConnectAsync(broker.Port, "responder", 5);
        await responder.SubscribeAsync("ask", 0, 5);
        using Process asking = Start("mosquitto_rr", "-p", $"{broker.Port}", "-V", "mqttv5", "-t", "ask", "-e", "answer/here", "-m", "how warm", "-W", "20");
        byte[] request = await responder.ReceiveAsync();
        Assert.Equal("how warm", RawClient.Read(request, 5).Payload);
        Assert.Contains("answer/here", System.Text.Encoding.Latin1.GetString(request), StringComparison.Ordinal);
        await responder.SendAsync(RawClient.Publish("answer/here", "21.5", 0, version: 5));
        Assert.Equal("21.5\n", await asking.StandardOutput.ReadToEndAsync());
        await asking.WaitForExitAsync();
        Assert.Equal(0, asking.ExitCode);
    }

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
