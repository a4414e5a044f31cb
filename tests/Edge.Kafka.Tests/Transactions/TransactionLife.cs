using System.Buffers;
using System.Text;
using Edge.Kafka.Groups;
using Edge.Kafka.Protocol;
using Edge.Kafka.Server;
using Edge.Kafka.Transactions;
using Edge.Log;
using Edge.Log.Commit;
using Edge.Log.Records;
using Edge.Log.Storage;
using Edge.Log.Topics;
using Edge.Testing.Storage;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Edge.Kafka.Tests.Transactions;

/// <summary>A coordinator over a journal on a simulated disk, with what a test asks of both.</summary>
internal sealed class TransactionLife : IAsyncDisposable
{
    public const string Group = "g", TopicName = "t";
    public const int Partitions = 3;
    private readonly ProducerIdAllocator _producerIds;
    private readonly Dictionary<(long, int), int> _sequences = [];

    private TransactionLife(Journal journal, TimeProvider time)
    {
        Journal = journal;
        _producerIds = new(journal);
        Statistics = new();
        Coordinator = new(journal, new KafkaOptions(), time, _producerIds, Statistics, NullLogger.Instance);
    }

    public Journal Journal { get; }
    public TransactionCoordinator Coordinator { get; }
    public KafkaStatistics Statistics { get; }

    public static async Task<TransactionLife> OpenAsync(IDisk disk, TimeProvider? time = null)
    {
        var options = new LogOptions { SegmentBytes = 1 << 20, MaxBatchBytes = 256 << 10, MaxGroupBytes = 256 << 10, MinFreeBytes = 0 };
        Journal journal = Journal.Open(disk, options, TimeProvider.System, NullLogger.Instance);
        journal.Start();
        if (!journal.Topics.TryGet(TopicName, out _)) await journal.Topics.CreateAsync(TopicName, Partitions, new TopicConfig());
        var life = new TransactionLife(journal, time ?? TimeProvider.System);
        await life.Coordinator.RestoreAsync();
        return life;
    }

    public Partition Partition(int index)
    {
        Assert.True(Journal.Topics.TryGet(TopicName, out Topic topic));
        return topic.Partitions[index];
    }

    /// <param name="padding">Bytes added to the value, so that segments roll.</param>
    public async Task<AppendStatus> ProduceAsync(long producerId, short epoch, int partition, string value, int padding = 0, bool isTransactional = true)
    {
        int sequence = _sequences.GetValueOrDefault((producerId * 100_000 + epoch, partition));
        using var builder = new RecordBatchBuilder();
        builder.Add(1_700_000_000_000, true, Encoding.UTF8.GetBytes(value), true, new byte[padding], 0, default);
        byte[] batch = builder.Seal(isTransactional ? (short)0x10 : (short)0, producerId, epoch, sequence).ToArray();
        AppendResult result = await Journal.AppendAsync(Partition(partition), batch).WaitAsync(KafkaHarness.Deadline);
        if (result.Status == AppendStatus.Ok) _sequences[(producerId * 100_000 + epoch, partition)] = sequence + 1;
        return result.Status;
    }

    /// <summary>Keys that a read_committed consumer of the partition gets.</summary>
    public List<string> Committed(int partition)
    {
        Partition source = Partition(partition);
        long end = source.LastStableOffset;
        var keys = new List<string>();
        for (long at = source.LogStartOffset; at < end;)
        {
            var bytes = new ArrayBufferWriter<byte>();
            ReadResult read = source.Read(at, end, 1, true, bytes);
            Assert.Equal(ReadStatus.Ok, read.Status);
            at = read.NextOffset;
            if (read.Bytes == 0) continue;
            RecordBatchHeader header = RecordBatchHeader.Parse(bytes.WrittenSpan);
            Assert.True(header.LastOffset < end, "a batch crosses the last stable offset");
            if (header.IsControl || source.IsAborted(header)) continue;
            foreach (RecordView record in RecordEnumerator.OverBatch(bytes.WrittenSpan)) keys.Add(Encoding.UTF8.GetString(record.Key));
        }
        return keys;
    }

    public long? CommittedOffset(int partition) =>
        Journal.GetTable("__consumer_offsets").TryGet(new OffsetKey(Group, TopicName, partition).ToString(), out ReadOnlyMemory<byte> value)
        && Edge.Kafka.Groups.CommittedOffset.TryDecode(value.Span, out CommittedOffset offset) ? offset.Offset : null;

    /// <summary>All that clients can tell from outside, as text: two lives with the same description cannot be told apart.</summary>
    public string Describe()
    {
        var text = new StringBuilder();
        foreach (TransactionEntry entry in Coordinator.Entries.OrderBy(e => e.Id, StringComparer.Ordinal))
        {
            if (entry.Current is not { } m) continue;
            text.Append(entry.Id).Append(' ').Append(m.ProducerId).Append('/').Append(m.Epoch).Append(' ').Append(m.State)
                .Append(" [").AppendJoin(',', m.Partitions).Append("] [").AppendJoin(',', m.Groups).Append("] [").AppendJoin(',', m.Offsets).Append("]\n");
        }
        for (int p = 0; p < Partitions; p++)
        {
            Partition partition = Partition(p);
            text.Append(partition.HighWatermark).Append(' ').Append(partition.LastStableOffset).Append(' ').AppendJoin(',', Committed(p)).Append(" open ")
                .AppendJoin(',', partition.OpenTransactions().OrderBy(o => o.ProducerId)).Append(" aborted ").AppendJoin(',', partition.AbortedTransactions(0, long.MaxValue))
                .Append(" group ").Append(CommittedOffset(p)).Append('\n');
        }
        return text.ToString();
    }

    public async ValueTask DisposeAsync()
    {
        Coordinator.Dispose();
        _producerIds.Dispose();
        await Journal.DisposeAsync();
    }
}
