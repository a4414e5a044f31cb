using System.Buffers;
using System.Text;
using CsCheck;
using Edge.Log.Records;

namespace Edge.Log.Tests.Records;

public sealed class RecordBatchBuilderTests
{
    private static readonly Gen<byte[]?> Bytes = Gen.Byte.Array[0, 200].Null();

    private static readonly Gen<RecordHeader> Header = Gen.Select(Gen.String[Gen.Char.AlphaNumeric, 0, 12], Gen.Byte.Array[0, 20].Null(), (n, v) => new RecordHeader(n, v));

    private static readonly Gen<TestRecord> Record =
        Gen.Select(Gen.Long[0, 4_000_000_000_000], Bytes, Bytes, Header.Array[0, 4], (t, k, v, h) => new TestRecord(t, k, v, h));

    [Fact]
    public void Seal_AnyRecords_RoundTripsThroughTheEnumerator() => Record.List[1, 40].Sample(records =>
    {
        byte[] batch = TestBatch.Create(records);
        Assert.Equal(BatchReadStatus.Ok, RecordBatchHeader.TryRead(batch, 1 << 20, out RecordBatchHeader header));
        Assert.Equal(batch.Length, header.SizeBytes);
        Assert.Equal(records.Count, header.RecordCount);
        Assert.Equal(records.Count - 1, header.LastOffsetDelta);
        Assert.Equal(records[0].TimestampMs, header.BaseTimestampMs);
        Assert.Equal(records.Max(r => r.TimestampMs), header.MaxTimestampMs);
        List<TestRecord> back = TestBatch.Read(batch, out bool isMalformed);
        Assert.False(isMalformed);
        TestBatch.AssertEqual(records, back);
    }, iter: 2_000);

    [Fact]
    public void Add_RecordOfAnySize_StaysWithinTheAnnouncedBound() => Record.List[1, 10].Sample(records =>
    {
        using RecordBatchBuilder builder = new(61);
        foreach (TestRecord record in records)
        {
            byte[] headers = RecordHeaders.Encode(record.Headers);
            int before = builder.SizeBytes;
            builder.Add(record.TimestampMs, record.Key is not null, record.Key, record.Value is not null, record.Value, record.Headers.Length, headers);
            Assert.InRange(builder.SizeBytes - before, 1, RecordBatchBuilder.MaxRecordBytes(record.Key?.Length ?? 0, record.Value?.Length ?? 0, headers.Length));
        }
    }, iter: 2_000);

    [Fact]
    public void Add_ValueInPieces_GivesTheSameBytesAsInOne()
    {
        byte[] value = Encoding.UTF8.GetBytes("a value that a network pipe holds in three pieces");
        for (int cut = 1; cut < value.Length - 1; cut++)
        {
            using RecordBatchBuilder whole = new(), pieces = new();
            whole.Add(5, true, "k"u8, true, value, 0, []);
            Piece first = new(value.AsMemory(0, cut)), last = first.Append(value.AsMemory(cut, 1)).Append(value.AsMemory(cut + 1));
            pieces.Add(5, true, "k"u8, new ReadOnlySequence<byte>(first, 0, last, last.Memory.Length), 0, []);
            Assert.Equal(whole.Seal().ToArray(), pieces.Seal().ToArray());
        }
    }

    [Fact]
    public void Reset_AfterRecords_StartsABatchThatKnowsNothingOfThem()
    {
        using RecordBatchBuilder builder = new();
        builder.Add(1_000, true, "old"u8, true, "old"u8, 0, []);
        builder.Seal();
        builder.Reset();
        builder.Add(5, true, "k"u8, true, "v"u8, 0, []);
        Assert.Equal(1, builder.RecordCount);
        Assert.Equal(TestBatch.Create([new TestRecord(5, "k"u8.ToArray(), "v"u8.ToArray(), [])]), builder.Seal().ToArray());
    }

    [Fact]
    public void Stamp_OffsetAndEpoch_KeepsTheChecksumValid()
    {
        byte[] batch = TestBatch.Create(3);
        RecordBatchHeader.Stamp(batch, 1234567890123, 42);
        Assert.Equal(BatchReadStatus.Ok, RecordBatchHeader.TryRead(batch, 1 << 20, out RecordBatchHeader header));
        Assert.Equal((1234567890123, 42, 1234567890125), (header.BaseOffset, header.PartitionLeaderEpoch, header.LastOffset));
        RecordEnumerator records = RecordEnumerator.OverBatch(batch);
        for (long offset = 1234567890123; records.MoveNext(); offset++) Assert.Equal(offset, records.Current.Offset);
    }

    private sealed class Piece : ReadOnlySequenceSegment<byte>
    {
        public Piece(ReadOnlyMemory<byte> memory) => Memory = memory;

        public Piece Append(ReadOnlyMemory<byte> memory)
        {
            Piece next = new(memory) { RunningIndex = RunningIndex + Memory.Length };
            Next = next;
            return next;
        }
    }
}
