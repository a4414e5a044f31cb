using System.Text;
using Edge.Log.Records;

namespace Edge.Log.Tests.Records;

/// <summary>One record as the tests hold it; null key, null value and null header value are Kafka's null.</summary>
public sealed record TestRecord(long TimestampMs, byte[]? Key, byte[]? Value, RecordHeader[] Headers)
{
    public static TestRecord Of(int number) =>
        new(1_700_000_000_000 + number, Encoding.UTF8.GetBytes($"key-{number}"), Encoding.UTF8.GetBytes($"value {number}"), []);
}

/// <summary>Batches for tests, and the records found in one.</summary>
public static class TestBatch
{
    public static byte[] Create(int recordCount) => Create([.. Enumerable.Range(0, recordCount).Select(TestRecord.Of)]);

    public static byte[] Create(IReadOnlyList<TestRecord> records)
    {
        using RecordBatchBuilder builder = new(64);
        foreach (TestRecord record in records)
            builder.Add(record.TimestampMs, record.Key is not null, record.Key, record.Value is not null, record.Value, record.Headers.Length, RecordHeaders.Encode(record.Headers));
        return builder.Seal().ToArray();
    }

    public static List<TestRecord> Read(ReadOnlySpan<byte> batch, out bool isMalformed)
    {
        List<TestRecord> records = [];
        RecordEnumerator each = RecordEnumerator.OverBatch(batch);
        isMalformed = false;
        while (each.MoveNext())
        {
            RecordView view = each.Current;
            List<RecordHeader> headers = [];
            RecordHeaderEnumerator eachHeader = view.Headers;
            while (eachHeader.MoveNext())
                headers.Add(new RecordHeader(Encoding.UTF8.GetString(eachHeader.Current.Name), eachHeader.Current.HasValue ? eachHeader.Current.Value.ToArray() : null));
            isMalformed |= eachHeader.IsMalformed;
            records.Add(new TestRecord(view.TimestampMs, view.HasKey ? view.Key.ToArray() : null, view.HasValue ? view.Value.ToArray() : null, [.. headers]));
        }
        isMalformed |= each.IsMalformed;
        return records;
    }

    public static void AssertEqual(IReadOnlyList<TestRecord> expected, IReadOnlyList<TestRecord> actual)
    {
        Assert.Equal(expected.Count, actual.Count);
        for (int i = 0; i < expected.Count; i++)
        {
            Assert.Equal(expected[i].TimestampMs, actual[i].TimestampMs);
            Assert.Equal(expected[i].Key, actual[i].Key);
            Assert.Equal(expected[i].Value, actual[i].Value);
            Assert.Equal(expected[i].Headers.Select(h => h.Name), actual[i].Headers.Select(h => h.Name));
            for (int h = 0; h < expected[i].Headers.Length; h++) Assert.Equal(expected[i].Headers[h].Value, actual[i].Headers[h].Value);
        }
    }
}
