using System.Globalization;
using Edge.Kafka.Apis;
using Edge.Kafka.Protocol;
using Xunit;

namespace Edge.Kafka.Tests.Protocol;

/// <summary>
/// Goal: each request that a client others wrote really sends is read to its last byte, and nothing shorter is. Method: frames recorded from librdkafka, Java, KafkaJS and
/// @platformatic/kafka, every API and version they use, whole and cut at every byte.
/// </summary>
public sealed class ForeignRequestTests
{
    private readonly record struct Recorded(short Key, short Version, string Client, byte[] Frame);

    private static List<Recorded> Load()
    {
        using var reader = new StreamReader(typeof(ForeignRequestTests).Assembly.GetManifestResourceStream("foreign-requests.txt")!);
        return [.. reader.ReadToEnd().Split('\n').Where(l => l.Length > 0 && l[0] != '#').Select(l => l.Split(' ')).Select(p =>
            new Recorded(short.Parse(p[0], CultureInfo.InvariantCulture), short.Parse(p[1], CultureInfo.InvariantCulture), p[2], Convert.FromHexString(p[3])))];
    }

    private static int Parse(in Recorded recorded, ReadOnlySpan<byte> frame)
    {
        string name = ((ApiKey)recorded.Key).ToString();
        (string Name, short Min, short Max, short Flexible, RequestFuzzTests.Parser Parse) parser = RequestFuzzTests.Parsers.Single(p => p.Name == name);
        Assert.InRange(recorded.Version, parser.Min, parser.Max);
        var reader = new KafkaReader(frame);
        RequestHeader header = RequestHeader.Read(ref reader, (_, version) => version >= parser.Flexible);
        Assert.Equal((recorded.Key, recorded.Version), (header.ApiKey, header.ApiVersion));
        parser.Parse(ref reader, header.ApiVersion);
        return reader.BytesLeft;
    }

    [Fact]
    public void Parse_RecordedRequests_AreReadToTheLastByte()
    {
        List<Recorded> all = [.. Load().Where(r => r.Key != (short)ApiKey.ApiVersions)];
        Assert.True(all.Count > 60 && all.Select(r => r.Key).Distinct().Count() >= 28, $"{all.Count} requests");
        foreach (Recorded recorded in all) Assert.True(Parse(recorded, recorded.Frame) == 0, $"{(ApiKey)recorded.Key} {recorded.Version} of {recorded.Client} has bytes left");
    }

    [Fact]
    public void Parse_RecordedRequestsCutAtAnyByte_AreRefused()
    {
        foreach (Recorded recorded in Load().Where(r => r.Key != (short)ApiKey.ApiVersions))
        {
            for (int cut = RequestHeader.FixedBytes; cut < recorded.Frame.Length; cut++)
            {
                try
                {
                    Parse(recorded, recorded.Frame.AsSpan(0, cut));
                }
                catch (KafkaProtocolException)
                {
                    continue;
                }
                Assert.Fail($"{(ApiKey)recorded.Key} {recorded.Version} of {recorded.Client} was read though it was cut at byte {cut}");
            }
        }
    }
}
