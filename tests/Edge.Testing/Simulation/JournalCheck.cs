using Edge.Log;
using System.Buffers;
using Edge.Log.Gaps;
using Edge.Log.Readers;
using Edge.Log.Records;
using Edge.Log.Topics;

namespace Edge.Testing.Simulation;

/// <summary>Compares an open journal with what it promised. Throws with the first difference.</summary>
/// <param name="wantsEverything">A forwarder wants all records: none may go without a gap record.</param>
/// <param name="isLive">The journal is in use; otherwise it was opened just now.</param>
public sealed class JournalCheck(Journal journal, Expectation expected, bool isLive = false, bool wantsEverything = false)
{
    private readonly ArrayBufferWriter<byte> _buffer = new(16 << 10);
    private int _lowest, _highest;

    /// <summary>Records compared so far.</summary>
    public long Records { get; private set; }

    /// <summary>Returns how many items from the first are there: acknowledged ones, and perhaps some that were on their way.</summary>
    public int Run(bool checkOrder)
    {
        _lowest = expected.Acknowledged;
        _highest = expected.Submitted;
        CheckIdentity();
        foreach (string name in expected.AcknowledgedTopics)
        {
            ModelTopic model = expected.Model.Topics[name];
            Require(journal.Topics.TryGet(name, out Topic topic), $"topic {name} is missing");
            Require(topic.Partitions.Count == model.Partitions, $"topic {name} has {topic.Partitions.Count} partitions, not {model.Partitions}");
            Require(topic.Config == model.Config, $"topic {name} has another configuration: {topic.Config}, not {model.Config}");
        }
        Dictionary<(string, int), List<(int Item, ModelBatch Batch)>> byPartition = [];
        for (int i = 0; i < expected.Submitted; i++)
        {
            foreach (ModelBatch batch in expected.Model.Items[i].Batches)
            {
                if (!byPartition.TryGetValue((batch.Topic, batch.Partition), out List<(int, ModelBatch)>? list)) byPartition[(batch.Topic, batch.Partition)] = list = [];
                list.Add((i, batch));
            }
        }
        foreach (Topic topic in journal.Topics.All)
        {
            if (topic.IsInternal) continue;
            Require(expected.Model.Topics.ContainsKey(topic.Name), $"topic {topic.Name} was never asked for");
            foreach (Partition partition in topic.Partitions)
                CheckPartition(partition, byPartition.GetValueOrDefault((topic.Name, partition.Index)) ?? []);
        }
        Require(_lowest <= _highest, $"an item is torn: batches of item {_lowest - 1} are there, batches of item {_highest} are not");
        int present = CheckTables();
        if (checkOrder)
        {
            CheckJournalOrder(present);
            CheckTimes(byPartition);
        }
        return present;
    }

    private void CheckIdentity()
    {
        Require(expected.DeviceId is null || journal.DeviceId == expected.DeviceId, $"device id is {journal.DeviceId}, was {expected.DeviceId}");
        Require(expected.LogId is null || journal.LogId == expected.LogId, $"log id is {journal.LogId}, was {expected.LogId}");
        Require(isLive || journal.Epoch > expected.Epoch, $"epoch {journal.Epoch} was used before (last: {expected.Epoch})");
    }

    private void CheckPartition(Partition partition, List<(int Item, ModelBatch Batch)> batches)
    {
        string name = $"{partition.Topic.Name}/{partition.Index}";
        (long start, long high, long end) = (partition.LogStartOffset, partition.HighWatermark, partition.LogEndOffset);
        Require(start >= 0 && start <= high && (isLive ? high <= end : high == end), $"{name}: log start {start}, high watermark {high}, log end {end}");
        long mayStart = expected.Model.Topics[partition.Topic.Name].MaxLogStart[partition.Index];
        Require(start <= mayStart, $"{name}: log start {start}, but retention removed at most what is below {mayStart}");
        long shown = expected.Starts.GetValueOrDefault((partition.Topic.Name, partition.Index));
        Require(start >= shown, $"{name}: log start {start}, but {shown} was shown before");
        if (wantsEverything) CheckGaps(partition, name, start);
        int at = 0;
        while (at < batches.Count && batches[at].Batch.BaseOffset >= 0 && batches[at].Batch.EndOffset <= start) at++;
        for (long offset = start; offset < high;)
        {
            _buffer.ResetWrittenCount();
            ReadResult read = partition.Read(offset, 16 << 10, true, _buffer);
            Require(read.Status == ReadStatus.Ok && read.Bytes > 0, $"{name}: read at {offset} of [{start}, {high}) gave {read}");
            Require(read.Bytes == _buffer.WrittenCount, $"{name}: {_buffer.WrittenCount} bytes for {read}");
            ReadOnlySpan<byte> bytes = _buffer.WrittenSpan;
            while (bytes.Length > 0)
            {
                Require(RecordBatchHeader.TryRead(bytes, 1 << 20, out RecordBatchHeader header) == BatchReadStatus.Ok, $"{name}: no batch at {offset}");
                Require(at < batches.Count, $"{name}: offset {offset} holds a batch that was never submitted");
                (int item, ModelBatch batch) = batches[at];
                Require(batch.BaseOffset == header.BaseOffset && header.BaseOffset == offset, $"{name}: batch of item {item} has offset {header.BaseOffset}, expected {batch.BaseOffset} at {offset}");
                Require(batch.Matches(bytes[..header.SizeBytes]), $"{name}: bytes at {offset} are not those of item {item}");
                Require(isLive || header.PartitionLeaderEpoch < journal.Epoch, $"{name}: a batch of epoch {header.PartitionLeaderEpoch} at {offset}, this boot is {journal.Epoch}");
                offset = header.LastOffset + 1;
                bytes = bytes[header.SizeBytes..];
                Records += header.RecordCount;
                _lowest = Math.Max(_lowest, item + 1);
                at++;
            }
            Require(read.NextOffset == offset, $"{name}: next offset {read.NextOffset}, read up to {offset}");
        }
        if (at < batches.Count) _highest = Math.Min(_highest, batches[at].Item);
        Require(at == batches.Count || batches[at].Item >= expected.Acknowledged, $"{name}: acknowledged item {(at < batches.Count ? batches[at].Item : -1)} is missing; log is [{start}, {high})");
    }

    /// <summary>Everything was wanted, so everything below the log start has its gap record.</summary>
    private void CheckGaps(Partition partition, string name, long start)
    {
        long covered = 0;
        foreach (JournalGap gap in journal.Gaps.In(partition, 0, start))
        {
            Require(gap.From <= covered, $"{name}: offsets {covered} to {gap.From} are gone without a gap record");
            covered = Math.Max(covered, gap.To);
        }
        Require(covered >= start, $"{name}: offsets {covered} to {start} are gone without a gap record");
    }

    /// <summary>Tables must show the state after one same number of items.</summary>
    private int CheckTables()
    {
        string difference = "";
        for (int present = _highest; present >= _lowest; present--)
        {
            Dictionary<(string, string), byte[]?> values = [];
            for (int i = 0; i < expected.Submitted; i++)
            {
                foreach (ModelPut put in expected.Model.Items[i].Puts)
                {
                    if (i < present) values[(put.Table, put.Key)] = put.Value;
                    else values.TryAdd((put.Table, put.Key), null);
                }
            }
            difference = "";
            foreach (((string table, string key), byte[]? value) in values)
            {
                bool found = journal.GetTable(table).TryGet(key, out ReadOnlyMemory<byte> actual);
                if (found == value is not null && (value is null || actual.Span.SequenceEqual(value))) continue;
                difference = $"{table}[{key}] is {(found ? Convert.ToHexString(actual.Span) : "missing")}, expected {(value is null ? "missing" : Convert.ToHexString(value))} with {present} items of [{_lowest}, {_highest}]";
                break;
            }
            if (difference.Length == 0) return present;
        }
        throw new InvalidDataException(difference);
    }

    /// <summary>A reader in journal order meets the batches in the order of their items.</summary>
    private void CheckJournalOrder(int present)
    {
        List<ModelBatch> left = [];
        foreach (ModelItem item in expected.Model.Items.Take(present)) left.AddRange(item.Batches);
        using JournalReader reader = journal.OpenReader(0);
        int at = 0;
        long sequence = -1;
        while (reader.TryRead(out JournalEntry entry))
        {
            Require(entry.IngestSequence > sequence, $"ingest sequence {entry.IngestSequence} after {sequence}");
            sequence = entry.IngestSequence;
            while (at < left.Count && !IsAt(left[at], entry) && left[at].EndOffset <= MayStart(left[at])) at++; // removed by retention
            Require(at < left.Count && IsAt(left[at], entry), $"journal order: {entry.Partition.Topic.Name}/{entry.Partition.Index}@{entry.BaseOffset} where {(at < left.Count ? $"{left[at].Topic}/{left[at].Partition}@{left[at].BaseOffset}" : "the end")} was expected");
            Require(left[at].Matches(entry.Batch.Span), $"journal order: other bytes at {entry.Partition.Topic.Name}/{entry.Partition.Index}@{entry.BaseOffset}");
            at++;
        }
        while (at < left.Count && left[at].EndOffset <= MayStart(left[at])) at++;
        Require(at == left.Count, $"journal order: the reader ended at {at} of {left.Count} batches");
        Require(sequence < journal.DurableSequence, $"ingest sequence {sequence} is past the durable one ({journal.DurableSequence})");
    }

    /// <summary>The first offset at or after a time: that of the middle batch's last record of each partition, and past the end.</summary>
    private void CheckTimes(Dictionary<(string, int), List<(int Item, ModelBatch Batch)>> byPartition)
    {
        foreach (((string name, int index), List<(int Item, ModelBatch Batch)> batches) in byPartition)
        {
            if (!journal.Topics.TryGet(name, out Topic topic)) continue;
            Partition partition = topic.Partitions[index];
            List<(long Offset, long TimestampMs)> records = [];
            foreach ((_, ModelBatch batch) in batches)
            {
                if (batch.BaseOffset < partition.LogStartOffset || batch.EndOffset > partition.HighWatermark) continue;
                RecordEnumerator each = RecordEnumerator.OverBatch(batch.Bytes);
                while (each.MoveNext()) records.Add((batch.BaseOffset + each.Current.Offset, each.Current.TimestampMs));
            }
            if (records.Count == 0) continue;
            foreach (long wanted in (long[])[records[records.Count / 2].TimestampMs, records[0].TimestampMs - 1000, records.Max(r => r.TimestampMs) + 1])
            {
                (long Offset, long TimestampMs)? first = records.Exists(r => r.TimestampMs >= wanted) ? records.Find(r => r.TimestampMs >= wanted) : null;
                bool found = partition.TryFindOffset(wanted, out long offset, out long timestampMs);
                Require(found == first.HasValue && (!found || first == (offset, timestampMs)), $"{name}/{index}: time {wanted} gave {(found ? (offset, timestampMs) : null)}, expected {first}");
            }
        }
    }

    private static bool IsAt(ModelBatch batch, in JournalEntry entry) =>
        batch.BaseOffset == entry.BaseOffset && batch.Partition == entry.Partition.Index && batch.Topic == entry.Partition.Topic.Name;

    private long MayStart(ModelBatch batch) => expected.Model.Topics[batch.Topic].MaxLogStart[batch.Partition];

    private static void Require(bool condition, string what)
    {
        if (!condition) throw new InvalidDataException(what);
    }
}
