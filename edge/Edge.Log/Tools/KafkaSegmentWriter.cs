using System.Buffers.Binary;
using System.Globalization;
using Edge.Log.Records;
using Edge.Log.Storage;

namespace Edge.Log.Tools;

/// <summary>Writes the batches of one partition as Kafka's segment files: <c>.log</c>, <c>.index</c>, <c>.timeindex</c>, named by their first offset.</summary>
/// <remarks>
/// Source: Kafka's LogSegment.append, OffsetIndex, TimeIndex, and what kafka-dump-log checks. A batch is appended and indexed one at a time; a hole in the offsets begins a new
/// segment, since inside one the tool reports it.
/// </remarks>
internal sealed class KafkaSegmentWriter(IDisk disk, long segmentBytes) : IDisposable
{
    /// <summary>Kafka's index.interval.bytes.</summary>
    private const int IndexIntervalBytes = 4096, BufferBytes = 1 << 20;

    private readonly List<byte> _index = [], _timeIndex = [];
    private readonly byte[] _buffer = new byte[BufferBytes];
    private IDiskFile? _log;
    private long _baseOffset, _logBytes, _flushedBytes, _sinceEntry, _maxTimestampMs, _offsetOfMax, _lastTimeEntryMs;
    private int _buffered;

    public int Segments { get; private set; }
    public long Batches { get; private set; }
    public long Bytes { get; private set; }
    public long NextOffset { get; private set; } = -1;

    /// <param name="maxTimestampMs">Largest timestamp of the batch's records, which kafka-dump-log compares; the header may say more.</param>
    public void Append(ReadOnlySpan<byte> batch, in RecordBatchHeader header, long maxTimestampMs)
    {
        if (_log is not null && (header.BaseOffset != NextOffset || _logBytes + batch.Length > segmentBytes || header.LastOffset - _baseOffset > int.MaxValue)) Close();
        if (_log is null) Begin(header.BaseOffset);
        if (_sinceEntry > IndexIntervalBytes)
        {
            AddEntry(_index, header.LastOffset, (int)_logBytes);
            // Kafka counts the batch being appended into the running maximum before it makes the entry.
            Observe(header, maxTimestampMs);
            AddTimeEntry();
            _sinceEntry = 0;
        }
        else Observe(header, maxTimestampMs);
        Write(batch);
        _logBytes += batch.Length;
        _sinceEntry += batch.Length;
        NextOffset = header.LastOffset + 1;
        Batches++;
        Bytes += batch.Length;
    }

    /// <summary>Ends the files; they are durable when this returns.</summary>
    public void Close()
    {
        if (_log is not { } log) return;
        AddTimeEntry();
        Flush();
        log.Sync();
        log.Dispose();
        _log = null;
        WriteFile(".index", _index);
        WriteFile(".timeindex", _timeIndex);
        disk.SyncDirectory();
    }

    public void Dispose() => _log?.Dispose();

    private void Begin(long baseOffset)
    {
        _baseOffset = baseOffset;
        _log = disk.Open(NameOf(".log"), DiskOpenMode.CreateNew);
        (_logBytes, _flushedBytes, _sinceEntry, _buffered) = (0, 0, 0, 0);
        (_maxTimestampMs, _offsetOfMax, _lastTimeEntryMs) = (-1, baseOffset, -1);
        _index.Clear();
        _timeIndex.Clear();
        Segments++;
    }

    private void Observe(in RecordBatchHeader header, long maxTimestampMs)
    {
        if (maxTimestampMs > _maxTimestampMs) (_maxTimestampMs, _offsetOfMax) = (maxTimestampMs, header.LastOffset);
    }

    private void AddEntry(List<byte> index, long offset, int position)
    {
        Span<byte> entry = stackalloc byte[8];
        BinaryPrimitives.WriteInt32BigEndian(entry, (int)(offset - _baseOffset));
        BinaryPrimitives.WriteInt32BigEndian(entry[4..], position);
        index.AddRange(entry);
    }

    private void AddTimeEntry()
    {
        if (_maxTimestampMs <= _lastTimeEntryMs) return;
        Span<byte> entry = stackalloc byte[12];
        BinaryPrimitives.WriteInt64BigEndian(entry, _maxTimestampMs);
        BinaryPrimitives.WriteInt32BigEndian(entry[8..], (int)(_offsetOfMax - _baseOffset));
        _timeIndex.AddRange(entry);
        _lastTimeEntryMs = _maxTimestampMs;
    }

    private void Write(ReadOnlySpan<byte> bytes)
    {
        if (_buffered + bytes.Length > _buffer.Length) Flush();
        if (bytes.Length > _buffer.Length)
        {
            _log!.Write(_flushedBytes, bytes);
            _flushedBytes += bytes.Length;
            return;
        }
        bytes.CopyTo(_buffer.AsSpan(_buffered));
        _buffered += bytes.Length;
    }

    private void Flush()
    {
        if (_buffered == 0) return;
        _log!.Write(_flushedBytes, _buffer.AsSpan(0, _buffered));
        _flushedBytes += _buffered;
        _buffered = 0;
    }

    private void WriteFile(string suffix, List<byte> bytes)
    {
        using IDiskFile file = disk.Open(NameOf(suffix), DiskOpenMode.CreateNew);
        if (bytes.Count > 0) file.Write(0, bytes.ToArray());
        file.Sync();
    }

    private string NameOf(string suffix) => _baseOffset.ToString("D20", CultureInfo.InvariantCulture) + suffix;
}
