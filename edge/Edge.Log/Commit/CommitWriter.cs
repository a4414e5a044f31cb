using System.Runtime.InteropServices;
using System.Text;
using Edge.Log.Records;
using Edge.Log.Segments;
using Edge.Log.Topics;
using Edge.Log.Transactions;

namespace Edge.Log.Commit;

/// <summary>Gathers the frames of one group in one buffer. Owned by the journal's writer thread; reused for every group.</summary>
internal sealed class CommitWriter(Journal journal) : ICommitWriter, IDisposable
{
    private readonly List<Frame> _frames = [];
    private readonly List<TableChange> _changes = [];
    private readonly RecordBatchBuilder _tableBatch = new();
    private byte[] _buffer = new byte[64 << 10];
    private int _length;

    public List<Item> Items { get; } = [];

    public int BufferedBytes => _length;

    public void Clear()
    {
        const int keep = 8 << 20;
        if (_buffer.Length > keep) _buffer = new byte[keep]; // one huge group must not hold its memory for ever
        _length = 0;
        _frames.Clear();
        _changes.Clear();
        Items.Clear();
    }

    public AppendStatus Append(Partition partition, Span<byte> batch, out long baseOffset)
    {
        baseOffset = -1;
        if (batch.Length > journal.Options.MaxBatchBytes) return AppendStatus.BatchTooLarge;
        if (partition.Topic.IsDeleted) return AppendStatus.UnknownPartition;
        RecordBatchHeader header = RecordBatchHeader.Parse(batch);
        if (header.HasProducer && !header.IsControl)
        {
            AppendStatus status = partition.Producers.Check(header, out baseOffset);
            if (status == AppendStatus.Ok) status = partition.Transactions.Check(header);
            if (status != AppendStatus.Ok) return status;
        }
        baseOffset = partition.LogEndOffset;
        RecordBatchHeader.Stamp(batch, baseOffset, journal.Epoch);
        header = header with { BaseOffset = baseOffset, PartitionLeaderEpoch = journal.Epoch };
        int start = _length;
        Reserve(FrameHeader.HeaderBytes + batch.Length);
        batch.CopyTo(_buffer.AsSpan(start + FrameHeader.HeaderBytes));
        _length = start + FrameHeader.HeaderBytes + batch.Length;
        _frames.Add(new Frame(partition, start, default, header));
        partition.LogEndOffset = header.LastOffset + 1;
        if (header.HasProducer) partition.Producers.Record(header, baseOffset);
        return AppendStatus.Ok;
    }

    public void Put(KeyedTable table, ReadOnlyMemory<byte> key, ReadOnlyMemory<byte>? value)
    {
        // A table's own entry among the topics goes ahead of its first value, in the same item.
        if (journal.Topics.TakeRegistration(table) is { } entry)
            AppendPut(journal.GetTable(Journal.TopicsTable), Encoding.UTF8.GetBytes(table.Name), entry);
        AppendPut(table, key, value);
    }

    public void OpenTransaction(Partition partition, long producerId, short producerEpoch) => partition.Transactions.Admit(producerId, producerEpoch);

    public AppendStatus CloseTransaction(Partition partition, long producerId, short producerEpoch, bool isCommit)
    {
        partition.Transactions.Revoke(producerId);
        long now = journal.TimeProvider.GetUtcNow().ToUnixTimeMilliseconds();
        return Append(partition, ControlBatch.Build(_tableBatch, now, producerId, producerEpoch, isCommit, journal.Epoch), out _);
    }

    /// <summary>Closes the item: what was appended since the last call is its.</summary>
    public void EndItem(CommitItem item, AppendStatus status) => Items.Add(new Item(item, status, _frames.Count, _changes.Count, _length));

    public int StartOf(int item) => item == 0 ? 0 : Items[item - 1].BufferEnd;

    public int BytesOf(int first, int end) => end == first ? 0 : Items[end - 1].BufferEnd - StartOf(first);

    public ReadOnlySpan<Frame> FramesOf(int first, int end) => FrameRange(first, end);

    public ReadOnlySpan<byte> BatchOf(in Frame frame) => _buffer.AsSpan(frame.BufferStart + FrameHeader.HeaderBytes, frame.Batch.SizeBytes);

    public ReadOnlySpan<TableChange> ChangesOf(int first, int end)
    {
        int from = first == 0 ? 0 : Items[first - 1].ChangesEnd;
        return CollectionsMarshal.AsSpan(_changes)[from..Items[end - 1].ChangesEnd];
    }

    /// <summary>Writes the frame headers of those items and returns their bytes. May be called again for the same items with the same first numbers.</summary>
    public ReadOnlySpan<byte> Finish(int first, int end, ref long sequence, ref long ingestSequence, long durablePosition)
    {
        int item = first;
        Span<Frame> frames = FrameRange(first, end);
        int index = first == 0 ? 0 : Items[first - 1].FramesEnd;
        foreach (ref Frame frame in frames)
        {
            while (Items[item].FramesEnd <= index) item++;
            index++;
            bool endsItem = Items[item].FramesEnd == index;
            var header = new FrameHeader(frame.Batch.SizeBytes, frame.Partition.Id, endsItem ? FrameFlags.EndsItem : FrameFlags.None, journal.BootTag,
                sequence++, ingestSequence++, durablePosition, journal.Epoch);
            header.Write(_buffer.AsSpan(frame.BufferStart, header.FrameBytes));
            frame = frame with { Header = header };
        }
        return _buffer.AsSpan(StartOf(first), BytesOf(first, end));
    }

    public void Dispose() => _tableBatch.Dispose();

    private Span<Frame> FrameRange(int first, int end)
    {
        int from = first == 0 ? 0 : Items[first - 1].FramesEnd;
        return CollectionsMarshal.AsSpan(_frames)[from..Items[end - 1].FramesEnd];
    }

    private void AppendPut(KeyedTable table, ReadOnlyMemory<byte> key, ReadOnlyMemory<byte>? value)
    {
        _tableBatch.Reset();
        long now = journal.TimeProvider.GetUtcNow().ToUnixTimeMilliseconds();
        _tableBatch.Add(now, true, key.Span, value.HasValue, value.HasValue ? value.Value.Span : default, 0, default);
        if (Append(table.Partition, _tableBatch.Seal(), out _) == AppendStatus.Ok)
            _changes.Add(new TableChange(table, Encoding.UTF8.GetString(key.Span), value));
    }

    private void Reserve(int bytes)
    {
        if (_buffer.Length - _length >= bytes) return;
        Array.Resize(ref _buffer, Math.Max(_buffer.Length * 2, _length + bytes));
    }

    internal readonly record struct Frame(Partition Partition, int BufferStart, FrameHeader Header, RecordBatchHeader Batch);

    internal readonly record struct Item(CommitItem Commit, AppendStatus Status, int FramesEnd, int ChangesEnd, int BufferEnd);

    internal readonly record struct TableChange(KeyedTable Table, string Key, ReadOnlyMemory<byte>? Value);
}
