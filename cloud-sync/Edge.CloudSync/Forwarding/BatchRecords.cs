using Edge.Log.Compression;
using Edge.Log.Records;

namespace Edge.CloudSync.Forwarding;

/// <summary>The records section of the batch being forwarded. A compressed one is unpacked once, however often the window fills in between.</summary>
internal sealed class BatchRecords
{
    /// <summary>Most a batch may unpack to. A stored batch has at most 1 MiB; what claims more than this is a bomb.</summary>
    private const int MaxUnpackedBytes = 64 << 20;

    private byte[] _unpacked = [];
    private long _unpackedSequence = -1;

    /// <summary>False when the records cannot be unpacked.</summary>
    /// <param name="ingestSequence">Names the batch, so that it is not unpacked twice.</param>
    public bool TryOpen(in RecordBatchHeader header, ReadOnlySpan<byte> batch, long ingestSequence, out ReadOnlySpan<byte> records)
    {
        records = batch[RecordBatchHeader.HeaderBytes..header.SizeBytes];
        if (header.Codec == CompressionCodec.None) return true;
        if (_unpackedSequence != ingestSequence)
        {
            _unpackedSequence = -1;
            if (!BatchDecompressor.TryDecompress(header, records, MaxUnpackedBytes, out byte[]? unpacked)) return false;
            _unpacked = unpacked;
            _unpackedSequence = ingestSequence;
        }
        records = _unpacked;
        return true;
    }

    /// <summary>Gives back what was unpacked.</summary>
    public void Close()
    {
        _unpacked = [];
        _unpackedSequence = -1;
    }
}
