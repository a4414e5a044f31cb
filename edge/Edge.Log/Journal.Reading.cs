using System.Buffers;
using Edge.Log.Compression;
using Edge.Log.Records;
using Edge.Log.Segments;
using Edge.Log.Topics;

namespace Edge.Log;

/// <summary>Reading by partition: by offset and by time. Never blocks an append and sees only what is durable.</summary>
public sealed partial class Journal
{
    internal ReadResult ReadPartition(Partition partition, long from, long highWatermark, int maxBytes, bool minOneBatch, IBufferWriter<byte> destination)
    {
        if (from < partition.LogStartOffset || from > highWatermark) return new ReadResult(ReadStatus.OffsetOutOfRange, 0, from);
        int bytes = 0;
        long next = from;
        if (from == highWatermark) return new ReadResult(ReadStatus.Ok, 0, from);
        using var cursor = new FrameCursor(Options.MaxBatchBytes);
        foreach (Segment segment in SegmentsFrom(partition.Id, from))
        {
            if (!segment.TryAcquire()) continue; // retention took it meanwhile
            try
            {
                if (!ReadSegment(segment, ref next)) return new ReadResult(ReadStatus.Ok, bytes, next);
            }
            catch (Storage.DiskException e)
            {
                LogReadFailed(partition.ToString(), next, e.Message);
                return new ReadResult(bytes > 0 ? ReadStatus.Ok : ReadStatus.Corrupt, bytes, next);
            }
            finally
            {
                CountDamage(cursor.SkippedBytes);
                cursor.SkippedBytes = 0;
                segment.Release();
            }
        }
        // Nothing but a hole up to the high watermark: damage, or frames whose segments were removed.
        return new ReadResult(ReadStatus.Ok, bytes, bytes == 0 ? highWatermark : next);

        bool ReadSegment(Segment segment, ref long nextOffset)
        {
            cursor.Start(segment, segment.FindPosition(partition.Id, nextOffset), segment.End);
            while (cursor.TryNextHeader(out FrameHeader frame, out int position))
            {
                if (frame.PartitionId != partition.Id) continue;
                if (!cursor.TryReadBatch(frame, position, out ReadOnlyMemory<byte> batch, out RecordBatchHeader header)) continue;
                if (header.LastOffset < nextOffset) continue;
                if (header.BaseOffset >= highWatermark) return false;
                if (bytes + batch.Length > maxBytes && (bytes > 0 || !minOneBatch)) return false;
                destination.Write(batch.Span);
                bytes += batch.Length;
                nextOffset = header.LastOffset + 1;
                if (bytes >= maxBytes || nextOffset >= highWatermark) return false;
            }
            return true;
        }
    }

    internal bool FindOffset(Partition partition, long timestampMs, out long offset, out long foundTimestampMs)
    {
        using var cursor = new FrameCursor(Options.MaxBatchBytes);
        foreach (Segment segment in SegmentsFrom(partition.Id, partition.LogStartOffset))
        {
            if (!segment.TryGetSpan(partition.Id, out PartitionSpan span) || span.MaxTimestampMs < timestampMs || !segment.TryAcquire()) continue;
            try
            {
                cursor.Start(segment, segment.FindPositionByTime(partition.Id, timestampMs), segment.End);
                while (cursor.TryNextHeader(out FrameHeader frame, out int position))
                {
                    if (frame.PartitionId != partition.Id) continue;
                    if (!cursor.TryReadBatch(frame, position, out ReadOnlyMemory<byte> batch, out RecordBatchHeader header)) continue;
                    if (header.MaxTimestampMs < timestampMs || header.LastOffset < partition.LogStartOffset || header.IsControl) continue;
                    if (header.BaseOffset >= partition.HighWatermark) break;
                    if (FindRecord(batch.Span, header, timestampMs, partition.LogStartOffset, out offset, out foundTimestampMs)) return true;
                }
            }
            catch (Storage.DiskException e) { LogReadFailed(partition.ToString(), span.FirstOffset, e.Message); }
            finally { segment.Release(); }
        }
        offset = foundTimestampMs = -1;
        return false;
    }

    internal long StoredBytesOf(Partition partition)
    {
        long bytes = 0;
        foreach (Segment segment in _segments)
            if (segment.TryGetSpan(partition.Id, out PartitionSpan span) && span.EndOffset > partition.LogStartOffset) bytes += span.Bytes;
        return bytes;
    }

    /// <summary>The first segment that reaches beyond that position; it may begin before it when the cleaner has joined segments meanwhile.</summary>
    internal Segment? SegmentAfter(long endPosition)
    {
        foreach (Segment segment in _segments)
            if (segment.EndPosition > endPosition) return segment;
        return null;
    }

    private static bool FindRecord(ReadOnlySpan<byte> batch, in RecordBatchHeader header, long timestampMs, long minOffset, out long offset, out long foundTimestampMs)
    {
        ReadOnlySpan<byte> records = batch[RecordBatchHeader.HeaderBytes..];
        if (header.Codec != CompressionCodec.None)
        {
            if (!BatchDecompressor.TryDecompress(header, records, BatchDecompressor.DefaultMaxBytes, out byte[]? plain))
            {
                offset = foundTimestampMs = -1;
                return false;
            }
            records = plain;
        }
        var walk = new RecordEnumerator(header, records);
        while (walk.MoveNext())
        {
            if (walk.Current.TimestampMs < timestampMs || walk.Current.Offset < minOffset) continue;
            offset = walk.Current.Offset;
            foundTimestampMs = walk.Current.TimestampMs;
            return true;
        }
        offset = foundTimestampMs = -1;
        return false;
    }

    /// <summary>The segments that may hold the partition's batches from that offset on, oldest first.</summary>
    private IEnumerable<Segment> SegmentsFrom(int partitionId, long offset)
    {
        Segment[] segments = _segments;
        // Most reads are near the end: walk back to the first segment that still reaches the offset.
        int first = segments.Length;
        for (int i = segments.Length - 1; i >= 0; i--)
        {
            if (!segments[i].TryGetSpan(partitionId, out PartitionSpan span)) continue;
            if (span.EndOffset <= offset) break;
            first = i;
            if (span.FirstOffset <= offset) break;
        }
        for (int i = first; i < segments.Length; i++)
            if (segments[i].TryGetSpan(partitionId, out _)) yield return segments[i];
    }

    [Microsoft.Extensions.Logging.LoggerMessage(1030, Microsoft.Extensions.Logging.LogLevel.Error, "Reading {Partition} at offset {Offset} failed: {Cause}")]
    private partial void LogReadFailed(string partition, long offset, string cause);
}
