using System.Text;
using Edge.Log.Records;

namespace Edge.Log.Tests.Records;

/// <summary>A batch whose bytes were assembled by hand from the protocol guide, by other code: the builder must write it, the enumerator must read it.</summary>
public sealed class GoldenBatchTests
{
    private const string Hex =
        "00000000000000000000013f000000000276bcba5b0000000000030000018bcfe568000000018bcfe568faffffffffffffffffffffffffffff00" +
        "0000042e000000046b310a68656c6c6f04046831047631046832011800f40302010a776f726c64002c001304000102146d7174742e746f706963" +
        "08612fc3a9a0030002068c0178787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878" +
        "78787878787878787878787878787878787878787878787884027979797979797979797979797979797979797979797979797979797979797979" +
        "79797979797979797979797979797979797979797979797979797979797979797979797979797979797979797979797979797979797979797979" +
        "7979797979797979797979797979797979797979797979797979797979797979797979797979797900";

    private static readonly TestRecord[] Records =
    [
        new(1_700_000_000_000, "k1"u8.ToArray(), "hello"u8.ToArray(), [new("h1", "v1"u8.ToArray()), new("h2", null)]),
        new(1_700_000_000_250, null, "world"u8.ToArray(), []),
        new(1_699_999_999_990, [], null, [new("mqtt.topic", Encoding.UTF8.GetBytes("a/\u00e9"))]),
        new(1_700_000_000_001, [.. Enumerable.Repeat((byte)'x', 70)], [.. Enumerable.Repeat((byte)'y', 130)], []),
    ];

    [Fact]
    public void Seal_KnownRecords_WritesTheGoldenBytes() => Assert.Equal(Hex.ToUpperInvariant(), Convert.ToHexString(TestBatch.Create(Records)));

    [Fact]
    public void Read_GoldenBytes_GivesTheKnownRecords()
    {
        byte[] batch = Convert.FromHexString(Hex);
        Assert.Equal(BatchReadStatus.Ok, RecordBatchHeader.TryRead(batch, 1024, out RecordBatchHeader header));
        Assert.False(header.HasProducer || header.IsControl || header.IsTransactional);
        List<TestRecord> records = TestBatch.Read(batch, out bool isMalformed);
        Assert.False(isMalformed);
        TestBatch.AssertEqual(Records, records);
    }
}
