using System.Text;
using Edge.Log;
using Edge.Log.Records;
using Edge.Log.Storage;
using Edge.Log.Topics;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Edge.CloudSync.Tests.Forwarding;

/// <summary>A journal in a temporary folder, with records in it.</summary>
internal sealed class LocalLog : IAsyncDisposable
{
    /// <summary>Recent: a centre deletes by the record's own timestamp, so old ones would vanish under the test.</summary>
    public static readonly long StartMs = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() - 3_600_000;

    private readonly string _folder = Directory.CreateTempSubdirectory("edge-sync-").FullName;

    public LocalLog()
    {
        Journal = Journal.Open(new PosixDisk(_folder), new LogOptions { DeviceId = "pi-7" }, TimeProvider.System, NullLogger.Instance);
        Journal.Start();
    }

    public Journal Journal { get; }

    public async Task<Topic> CreateTopicAsync(string name, int partitions = 4)
    {
        TopicChange change = await Journal.Topics.CreateAsync(name, partitions, new TopicConfig());
        Assert.Equal(TopicChangeStatus.Ok, change.Status);
        return change.Topic!;
    }

    /// <summary>Appends records in batches of 50, keyed <c>key-0</c> … <c>key-9</c>, value = their number as text, MQTT-born.</summary>
    public async Task AppendAsync(Topic topic, int count, int from = 0)
    {
        byte[] headers = RecordHeaders.Encode([new RecordHeader("mqtt.qos", "1"u8.ToArray())]);
        var tasks = new List<Task>();
        for (int partition = 0; partition < topic.Partitions.Count; partition++)
        {
            using var batch = new RecordBatchBuilder();
            for (int number = from; number < from + count; number++)
            {
                byte[] key = Encoding.UTF8.GetBytes($"key-{number % 10}");
                if (Murmur2.Partition(key, topic.Partitions.Count) != partition) continue;
                batch.Add(StartMs + number, true, key, true, Encoding.UTF8.GetBytes(number.ToString(System.Globalization.CultureInfo.InvariantCulture)), 1, headers);
                if (batch.RecordCount < 50) continue;
                tasks.Add(Journal.AppendAsync(topic.Partitions[partition], batch.Seal().ToArray()));
                batch.Reset();
            }
            if (batch.RecordCount > 0) tasks.Add(Journal.AppendAsync(topic.Partitions[partition], batch.Seal().ToArray()));
        }
        await Task.WhenAll(tasks);
    }

    public async Task AppendOneAsync(Partition partition, byte[]? key, byte[]? value, params RecordHeader[] headers)
    {
        using var batch = new RecordBatchBuilder();
        batch.Add(StartMs, key is not null, key, value is not null, value, headers.Length, RecordHeaders.Encode(headers));
        await Journal.AppendAsync(partition, batch.Seal().ToArray());
    }

    public async ValueTask DisposeAsync()
    {
        await Journal.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
