using System.Buffers.Binary;
using Edge.Log.Records;
using Edge.Log.Storage;

namespace Edge.Log.Segments;

/// <summary>The sidecar of a sealed segment: what it holds per partition, and the sparse index.</summary>
/// <remarks>
/// docs/formats/segment-index.md. Header and spans are read at start and carry a checksum; a partition's entries carry their own and are read with pread when a lookup needs
/// them (never mapped: an I/O error on a mapped page ends the process). A missing or damaged file is rebuilt from the segment.
/// </remarks>
internal static class SegmentIndexFile
{
    public const int FormatVersion = 1, HeaderBytes = 48, SpanBytes = 56;

    private static ReadOnlySpan<byte> Magic => "EDGEIDX\0"u8;

    public static byte[] Encode(long basePosition, int end, PartitionSpan[] spans, IndexEntry[] entries)
    {
        byte[] bytes = new byte[HeaderBytes + (spans.Length * SpanBytes) + (entries.Length * IndexEntry.Bytes)];
        Magic.CopyTo(bytes);
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(8), FormatVersion);
        BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(16), basePosition);
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(24), end);
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(28), spans.Length);
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(32), entries.Length);
        Span<byte> at = bytes.AsSpan(HeaderBytes);
        foreach (PartitionSpan span in spans)
        {
            BinaryPrimitives.WriteInt32BigEndian(at, span.PartitionId);
            BinaryPrimitives.WriteInt64BigEndian(at[4..], span.FirstOffset);
            BinaryPrimitives.WriteInt64BigEndian(at[12..], span.EndOffset);
            BinaryPrimitives.WriteInt64BigEndian(at[20..], span.MaxTimestampMs);
            BinaryPrimitives.WriteInt64BigEndian(at[28..], span.Bytes);
            BinaryPrimitives.WriteInt64BigEndian(at[36..], span.Records);
            BinaryPrimitives.WriteInt32BigEndian(at[44..], span.FirstEntry);
            BinaryPrimitives.WriteInt32BigEndian(at[48..], span.EntryCount);
            at = at[SpanBytes..];
        }
        int entriesStart = bytes.Length - at.Length;
        foreach (IndexEntry entry in entries)
        {
            WriteEntry(at, entry);
            at = at[IndexEntry.Bytes..];
        }
        for (int i = 0; i < spans.Length; i++)
        {
            uint checksum = Crc32C.Compute(bytes.AsSpan(entriesStart + (spans[i].FirstEntry * IndexEntry.Bytes), spans[i].EntryCount * IndexEntry.Bytes));
            spans[i].EntriesChecksum = checksum;
            BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(HeaderBytes + (i * SpanBytes) + 52), checksum);
        }
        int coveredEnd = HeaderBytes + (spans.Length * SpanBytes);
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(40), Crc32C.Compute(bytes.AsSpan(0, 40), bytes.AsSpan(HeaderBytes, coveredEnd - HeaderBytes)));
        return bytes;
    }

    /// <summary>Reads header and spans. False when the file does not hold what a sealed segment's sidecar must.</summary>
    public static bool TryReadSpans(IDiskFile file, long basePosition, out int end, out PartitionSpan[] spans)
    {
        end = 0;
        spans = [];
        Span<byte> header = stackalloc byte[HeaderBytes];
        if (file.Read(0, header) < HeaderBytes || !header[..8].SequenceEqual(Magic)) return false;
        int version = BinaryPrimitives.ReadInt32BigEndian(header[8..]);
        if (version != FormatVersion || BinaryPrimitives.ReadInt64BigEndian(header[16..]) != basePosition) return false;
        int count = BinaryPrimitives.ReadInt32BigEndian(header[28..]);
        if (count < 0 || HeaderBytes + ((long)count * SpanBytes) > file.Length) return false;
        byte[] body = new byte[count * SpanBytes];
        if (file.Read(HeaderBytes, body) < body.Length) return false;
        if (BinaryPrimitives.ReadUInt32BigEndian(header[40..]) != Crc32C.Compute(header[..40], body)) return false;
        end = BinaryPrimitives.ReadInt32BigEndian(header[24..]);
        spans = new PartitionSpan[count];
        for (int i = 0; i < count; i++)
        {
            ReadOnlySpan<byte> at = body.AsSpan(i * SpanBytes, SpanBytes);
            spans[i] = new PartitionSpan
            {
                PartitionId = BinaryPrimitives.ReadInt32BigEndian(at),
                FirstOffset = BinaryPrimitives.ReadInt64BigEndian(at[4..]),
                EndOffset = BinaryPrimitives.ReadInt64BigEndian(at[12..]),
                MaxTimestampMs = BinaryPrimitives.ReadInt64BigEndian(at[20..]),
                Bytes = BinaryPrimitives.ReadInt64BigEndian(at[28..]),
                Records = BinaryPrimitives.ReadInt64BigEndian(at[36..]),
                FirstEntry = BinaryPrimitives.ReadInt32BigEndian(at[44..]),
                EntryCount = BinaryPrimitives.ReadInt32BigEndian(at[48..]),
                EntriesChecksum = BinaryPrimitives.ReadUInt32BigEndian(at[52..]),
            };
        }
        return true;
    }

    /// <summary>The whole file as the index of a segment that goes on being written; null when anything of it does not verify.</summary>
    public static SegmentIndex? TryReadAll(IDiskFile file, long basePosition, out int end)
    {
        if (!TryReadSpans(file, basePosition, out end, out PartitionSpan[] spans)) return null;
        var index = new SegmentIndex();
        foreach (PartitionSpan span in spans)
        {
            IndexEntry[] entries = ReadEntries(file, spans.Length, span);
            if (entries.Length != span.EntryCount || entries.Length == 0) return null;
            index.Load(span, entries);
        }
        return index;
    }

    /// <summary>Reads the entries of one partition; empty when they cannot be read, and the caller then walks the segment from its start.</summary>
    public static IndexEntry[] ReadEntries(IDiskFile file, int spanCount, in PartitionSpan span)
    {
        byte[] bytes = new byte[span.EntryCount * IndexEntry.Bytes];
        long at = HeaderBytes + ((long)spanCount * SpanBytes) + ((long)span.FirstEntry * IndexEntry.Bytes);
        if (file.Read(at, bytes) < bytes.Length || Crc32C.Compute(bytes) != span.EntriesChecksum) return [];
        var entries = new IndexEntry[span.EntryCount];
        for (int i = 0; i < entries.Length; i++)
        {
            ReadOnlySpan<byte> from = bytes.AsSpan(i * IndexEntry.Bytes, IndexEntry.Bytes);
            entries[i] = new IndexEntry(
                BinaryPrimitives.ReadInt64BigEndian(from), BinaryPrimitives.ReadInt64BigEndian(from[8..]),
                BinaryPrimitives.ReadInt32BigEndian(from[16..]), BinaryPrimitives.ReadInt64BigEndian(from[20..]));
        }
        return entries;
    }

    private static void WriteEntry(Span<byte> at, in IndexEntry entry)
    {
        BinaryPrimitives.WriteInt64BigEndian(at, entry.Offset);
        BinaryPrimitives.WriteInt64BigEndian(at[8..], entry.IngestSequence);
        BinaryPrimitives.WriteInt32BigEndian(at[16..], entry.Position);
        BinaryPrimitives.WriteInt64BigEndian(at[20..], entry.MaxTimestampMs);
    }
}
