using System.Text;
using Edge.Log;
using Edge.Log.Commit;
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

    private readonly string _device, _folder;

    /// <param name="copyOf">Folder to begin with a copy of: a cloned card, a restored backup.</param>
    public LocalLog(string device = "pi-7", string? copyOf = null)
    {
        _device = device;
        _folder = Directory.CreateTempSubdirectory("edge-sync-").FullName;
        if (copyOf is not null)
            foreach (string file in Directory.GetFiles(copyOf)) File.Copy(file, Path.Combine(_folder, Path.GetFileName(file)));
        Journal = Open();
    }

    public Journal Journal { get; private set; }

    /// <summary>Closes it and copies its folder, as a backup would.</summary>
    public async Task<string> BackUpAsync()
    {
        await Journal.DisposeAsync();
        string copy = Directory.CreateTempSubdirectory("edge-backup-").FullName;
        foreach (string file in Directory.GetFiles(_folder)) File.Copy(file, Path.Combine(copy, Path.GetFileName(file)));
        Journal = Open();
        return copy;
    }

    /// <summary>A new boot.</summary>
    public async Task RestartAsync()
    {
        await Journal.DisposeAsync();
        Journal = Open();
    }

    public Topic TopicOf(string name) => Journal.Topics.All.First(topic => topic.Name == name);

    private Journal Open()
    {
        var journal = Journal.Open(new PosixDisk(_folder), new LogOptions { DeviceId = _device }, TimeProvider.System, NullLogger.Instance);
        journal.Start();
        return journal;
    }

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

    /// <summary>Appends one record of a transaction that stays open, as the Kafka listener would.</summary>
    public Task AppendTransactionAsync(Partition partition, long producerId, string value)
    {
        using var batch = new RecordBatchBuilder();
        batch.Add(StartMs, true, "tx"u8, true, Encoding.UTF8.GetBytes(value), 0, default);
        byte[] sealedBatch = batch.Seal(attributes: 0x10, producerId, producerEpoch: 0, baseSequence: 0).ToArray();
        return SubmitAsync(writer =>
        {
            writer.OpenTransaction(partition, producerId, 0);
            return writer.Append(partition, sealedBatch, out _);
        });
    }

    public Task EndTransactionAsync(Partition partition, long producerId, bool commit) => SubmitAsync(writer => writer.CloseTransaction(partition, producerId, 0, commit));

    private async Task SubmitAsync(Func<ICommitWriter, AppendStatus> write)
    {
        var item = new Item(write);
        Journal.Submit(item);
        Assert.True((await item.Done).IsDurable);
        Assert.Equal(AppendStatus.Ok, item.Status);
    }

    private sealed class Item(Func<ICommitWriter, AppendStatus> write) : CommitItem
    {
        private readonly TaskCompletionSource<CommitOutcome> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<CommitOutcome> Done => _done.Task;
        public AppendStatus Status { get; private set; }
        public override int SizeBytes => 1024;
        public override void Write(ICommitWriter writer) => Status = write(writer);
        public override void Complete(CommitOutcome outcome) => _done.TrySetResult(outcome);
    }

    public async ValueTask DisposeAsync()
    {
        await Journal.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
