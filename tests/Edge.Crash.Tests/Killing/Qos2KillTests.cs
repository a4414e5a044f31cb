using Edge.Crash.Tests.Publishing;
using Edge.Testing.Ledger;
using Edge.Testing.Processes;
using Xunit;
using Xunit.Abstractions;

namespace Edge.Crash.Tests.Killing;

/// <summary>QoS 2 is exactly once, into the log and out of it to a subscriber, whatever is killed and when.</summary>
[Trait("Category", "Slow")]
public sealed class Qos2KillTests(ITestOutputHelper output)
{
    // Method: real process, clients that keep their state as the specification asks, kill -9 at random points of the run; the log and the subscriber are compared with what was sent.
    [Fact]
    public async Task Kill_Qos2UnderLoad_EveryMessageIsStoredAndDeliveredOnceInOrder()
    {
        const int pairs = 3, messages = 1500, kills = 5;
        int seed = Random.Shared.Next();
        output.WriteLine($"seed {seed}");
        Random random = new(seed);
        using var data = new TempDirectory();
        using var late = new CancellationTokenSource(TimeSpan.FromSeconds(90));
        EdgeProcess edge = await EdgeProcess.StartAsync(new EdgeStart("run", data.At("edge")));
        Qos2Pair[] all = [.. Enumerable.Range(0, pairs).Select(i => new Qos2Pair(edge.Ports.Mqtt, $"{i}", messages, window: 30))];
        try
        {
            foreach (Qos2Pair pair in all) await pair.SubscribeAsync(late.Token);
            Task[] clients = [.. all.SelectMany(pair => new[] { Task.Run(() => pair.PublishAsync(late.Token)), Task.Run(() => pair.TakeAsync(late.Token)) })];
            Task running = Task.WhenAll(clients);
            for (int kill = 0; kill < kills; kill++)
            {
                long at = ((long)kill * messages / (kills + 1)) + random.Next(1, messages / (kills + 1));
                while (!clients.Any(static c => c.IsFaulted) && !running.IsCompleted && all.Sum(static p => p.Completed) < at * pairs) await Task.Delay(1, late.Token);
                await edge.KillAsync();
                EdgeProcess killed = edge;
                edge = await killed.StartAgainAsync();
                await killed.DisposeAsync();
            }
            foreach (Task client in clients) await client;
            output.WriteLine($"{all.Sum(static p => p.Reconnects)} reconnects");
            foreach (Qos2Pair pair in all) Assert.Equal(Enumerable.Range(0, messages).Select(static i => (long)i), pair.Received);
            Dictionary<string, List<long>> stored = [];
            KafkaTopicReader.Read(edge.KafkaAddress, "telemetry", record =>
            {
                string key = System.Text.Encoding.UTF8.GetString(record.Message.Key);
                if (!stored.TryGetValue(key, out List<long>? list)) stored[key] = list = [];
                list.Add(CrashMessage.Decode(record.Message.Value).Sequence);
            });
            Assert.Equal(pairs, stored.Count);
            foreach (List<long> list in stored.Values) Assert.Equal(Enumerable.Range(0, messages).Select(static i => (long)i), list);
        }
        catch
        {
            foreach (Qos2Pair pair in all) output.WriteLine($"{pair.Reconnects} reconnects, last: {pair.LastError}; {pair.Completed} published, {pair.Received.Count} received");
            output.WriteLine($"data kept in {data.Keep()}\n{edge.Output}");
            throw;
        }
        finally { await edge.DisposeAsync(); }
    }
}
