using System.Buffers;
using System.Text;
using Edge.Log.Compression;
using Edge.Log.Records;
using Edge.Log.Topics;

namespace Edge.Http.Records;

/// <summary>Reads one partition record by record from an offset on. Not thread-safe.</summary>
/// <remarks>Holds one read of at most 256 KiB (or one larger batch) at a time.</remarks>
internal sealed class PartitionCursor(Partition partition, long from)
{
    private const int ReadBytes = 256 << 10, MaxDecompressedBytes = 16 << 20;

    private readonly ArrayBufferWriter<byte> _buffer = new(16 << 10);
    private readonly Queue<StoredRecord> _ready = new();

    public Partition Partition => partition;

    /// <summary>Offset of the next record to hand out, or the next to look for.</summary>
    public long Next { get; private set; } = from;

    /// <summary>Bytes of batches that could not be decompressed or read: passed over.</summary>
    public int Unreadable { get; private set; }

    /// <summary>The next durable record below <paramref name="end"/>; null when there is none now.</summary>
    public StoredRecord? Take(long end)
    {
        while (_ready.Count == 0)
        {
            if (Next >= Math.Min(end, partition.HighWatermark)) return null;
            if (Next < partition.LogStartOffset) Next = partition.LogStartOffset; // retention went past
            _buffer.ResetWrittenCount();
            ReadResult read = partition.Read(Next, ReadBytes, minOneBatch: true, _buffer);
            if (read.Status == ReadStatus.OffsetOutOfRange && Next < partition.LogStartOffset) continue;
            if (read.Status != ReadStatus.Ok)
                throw new ProblemException(500, "Damaged", $"Partition {partition.Index} of '{partition.Topic.Name}' cannot be read at offset {Next}: {read.Status}.");
            if (read.Bytes == 0) return null;
            long wanted = Next;
            Decode(_buffer.WrittenMemory, wanted);
            Next = _ready.Count > 0 ? _ready.Peek().Offset : Math.Max(read.NextOffset, wanted + 1);
            _after = Math.Max(read.NextOffset, wanted + 1);
        }
        if (_ready.Peek().Offset >= end) return null;
        StoredRecord record = _ready.Dequeue();
        Next = _ready.Count > 0 ? record.Offset + 1 : Math.Max(_after, record.Offset + 1);
        return record;
    }

    private long _after;

    private void Decode(ReadOnlyMemory<byte> bytes, long wanted)
    {
        while (bytes.Length >= RecordBatchHeader.HeaderBytes)
        {
            RecordBatchHeader header = RecordBatchHeader.Parse(bytes.Span);
            if (header.SizeBytes > bytes.Length) return;
            ReadOnlySpan<byte> records = bytes.Span[RecordBatchHeader.HeaderBytes..header.SizeBytes];
            bytes = bytes[header.SizeBytes..];
            if (header.IsControl) continue;
            if (header.Codec != CompressionCodec.None)
            {
                if (!BatchDecompressor.TryDecompress(header, records, MaxDecompressedBytes, out byte[]? decompressed))
                {
                    Unreadable++;
                    continue;
                }
                records = decompressed;
            }
            var walk = new RecordEnumerator(header, records);
            while (walk.MoveNext())
            {
                if (walk.Current.Offset >= wanted) _ready.Enqueue(Copy(walk.Current));
            }
            if (walk.IsMalformed) Unreadable++;
        }
    }

    private StoredRecord Copy(in RecordView view)
    {
        var headers = new List<RecordHeader>(view.HeaderCount);
        RecordHeaderEnumerator walk = view.Headers;
        while (walk.MoveNext()) headers.Add(new(Encoding.UTF8.GetString(walk.Current.Name), walk.Current.HasValue ? walk.Current.Value.ToArray() : null));
        return new(partition.Topic.Name, partition.Index, view.Offset, view.TimestampMs, view.HasKey ? view.Key.ToArray() : null, view.HasValue ? view.Value.ToArray() : null, headers);
    }
}
