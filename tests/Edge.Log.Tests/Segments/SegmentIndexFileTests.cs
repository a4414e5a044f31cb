using Edge.Log.Segments;
using Edge.Log.Storage;
using Edge.Testing.Storage;

namespace Edge.Log.Tests.Segments;

public sealed class SegmentIndexFileTests
{
    private static readonly PartitionSpan[] Spans =
    [
        new() { PartitionId = 1, FirstOffset = 10, EndOffset = 30, MaxTimestampMs = 1000, Bytes = 500, Records = 20, FirstEntry = 0, EntryCount = 2 },
        new() { PartitionId = 7, FirstOffset = 0, EndOffset = 3, MaxTimestampMs = 900, Bytes = 100, Records = 3, FirstEntry = 2, EntryCount = 1 },
    ];

    private static readonly IndexEntry[] Entries = [new(10, 100, 64, 950), new(20, 105, 70_000, 1000), new(0, 101, 300, 900)];

    [Fact]
    public void Encode_ThenRead_GivesSpansAndEntries()
    {
        IDiskFile file = Store(SegmentIndexFile.Encode(4096, 80_000, Spans, Entries));
        Assert.True(SegmentIndexFile.TryReadSpans(file, 4096, out int end, out PartitionSpan[] spans));
        Assert.Equal(80_000, end);
        Assert.Equal(Spans, spans);
        Assert.Equal(Entries[..2], SegmentIndexFile.ReadEntries(file, 2, spans[0]));
        Assert.Equal(Entries[2..], SegmentIndexFile.ReadEntries(file, 2, spans[1]));
    }

    [Fact]
    public void TryReadSpans_CutOrDamagedInWhatTheChecksumCovers_IsRefused()
    {
        byte[] bytes = SegmentIndexFile.Encode(4096, 80_000, Spans, Entries);
        int covered = SegmentIndexFile.HeaderBytes + (Spans.Length * SegmentIndexFile.SpanBytes);
        for (int at = 0; at < covered; at++)
        {
            Assert.False(SegmentIndexFile.TryReadSpans(Store(bytes[..at]), 4096, out _, out _), $"cut at {at}");
            if (at is >= 44 and < 48) continue; // spare bytes behind the checksum
            byte[] damaged = [.. bytes];
            damaged[at] ^= 0x40;
            Assert.False(SegmentIndexFile.TryReadSpans(Store(damaged), 4096, out _, out _), $"byte {at}");
        }
    }

    [Fact]
    public void TryReadSpans_SidecarOfAnotherSegment_IsRefused() =>
        Assert.False(SegmentIndexFile.TryReadSpans(Store(SegmentIndexFile.Encode(4096, 80_000, Spans, Entries)), 8192, out _, out _));

    [Fact]
    public void ReadEntries_FileCut_GivesNoneRatherThanGuesses()
    {
        byte[] bytes = SegmentIndexFile.Encode(4096, 80_000, Spans, Entries);
        Assert.Empty(SegmentIndexFile.ReadEntries(Store(bytes[..^1]), 2, Spans[1]));
    }

    private static IDiskFile Store(byte[] bytes)
    {
        IDiskFile file = new SimulatedDisk().Open("x", DiskOpenMode.CreateNew);
        if (bytes.Length > 0) file.Write(0, bytes);
        return file;
    }
}
