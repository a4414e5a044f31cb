using Edge.Log.Records;

namespace Edge.Log.Tests.Records;

public sealed class RecordEnumeratorTests
{
    // Goal: whatever bytes sit behind a header, the walk ends, stays inside them and never throws. Method: random damage to good batches, seeded.
    [Fact]
    public void MoveNext_DamagedRecords_NeverThrowsAndNeverGivesMoreThanAnnounced()
    {
        const int seed = 20261125;
        Random random = new(seed);
        for (int run = 0; run < 100_000; run++)
        {
            byte[] batch = TestBatch.Create([new TestRecord(10, [1, 2], [3, 4, 5], [new RecordHeader("name", [9])]), TestRecord.Of(run % 7), TestRecord.Of(3)]);
            int flips = random.Next(1, 6);
            for (int i = 0; i < flips; i++) batch[random.Next(RecordBatchHeader.HeaderBytes, batch.Length)] = (byte)random.Next(256);
            RecordBatchHeader header = RecordBatchHeader.Parse(batch);
            int cut = random.Next(RecordBatchHeader.HeaderBytes, batch.Length + 1);
            RecordEnumerator records = new(header, batch.AsSpan(RecordBatchHeader.HeaderBytes..cut));
            int count = 0;
            while (records.MoveNext())
            {
                count++;
                RecordHeaderEnumerator headers = records.Current.Headers;
                int headerCount = 0;
                while (headers.MoveNext()) headerCount++;
                Assert.True(headerCount <= records.Current.HeaderCount, $"repro: seed={seed} run={run}");
                Assert.True(records.Current.Key.Length + records.Current.Value.Length <= cut, $"repro: seed={seed} run={run}");
            }
            Assert.True(count <= header.RecordCount && (records.IsMalformed || count == header.RecordCount), $"repro: seed={seed} run={run}");
        }
    }

    [Fact]
    public void MoveNext_RecordsCutAtAnyByte_IsMalformedAndKeepsTheWholeOnes()
    {
        byte[] batch = TestBatch.Create(recordCount: 5);
        RecordBatchHeader header = RecordBatchHeader.Parse(batch);
        int before = 0;
        for (int cut = RecordBatchHeader.HeaderBytes; cut < batch.Length; cut++)
        {
            RecordEnumerator records = new(header, batch.AsSpan(RecordBatchHeader.HeaderBytes..cut));
            int count = 0;
            while (records.MoveNext()) Assert.Equal(TestRecord.Of(count++).Value, records.Current.Value.ToArray());
            Assert.True(records.IsMalformed);
            Assert.InRange(count, before, 4);
            before = count;
        }
        Assert.Equal(4, before);
    }

    [Fact]
    public void MoveNext_RandomBytes_NeverThrows()
    {
        Random random = new(7);
        byte[] bytes = new byte[120];
        for (int run = 0; run < 100_000; run++)
        {
            random.NextBytes(bytes);
            RecordBatchHeader header = new(0, 61 + bytes.Length, 0, 0, 0, random.Next(), 0, 0, -1, -1, -1, random.Next(1, int.MaxValue));
            RecordEnumerator records = new(header, bytes);
            int count = 0;
            while (records.MoveNext()) count++;
            Assert.InRange(count, 0, bytes.Length);
        }
    }

    [Fact]
    public void TryGetHeader_FirstOfThatName_IsFound()
    {
        byte[] batch = TestBatch.Create([new TestRecord(1, null, null, [new("a", [1]), new("b", [2]), new("b", [3])])]);
        RecordEnumerator records = RecordEnumerator.OverBatch(batch);
        Assert.True(records.MoveNext());
        Assert.True(records.Current.TryGetHeader("b"u8, out ReadOnlySpan<byte> value));
        Assert.Equal([2], value.ToArray());
        Assert.False(records.Current.TryGetHeader("c"u8, out _));
        Assert.Equal(0, records.BytesLeft);
    }
}
