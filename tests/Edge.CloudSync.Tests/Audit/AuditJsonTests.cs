using System.Text;
using Edge.CloudSync.Audit;
using Xunit;

namespace Edge.CloudSync.Tests.Audit;

public sealed class AuditJsonTests
{
    [Fact]
    public void Write_Report_IsALinePerChainAndATotal()
    {
        var row = new AuditRow("pi-7", "9f3c2a17", "telemetry", 3, 0, 9, 9, 1, 1, 2, 0, [new AuditGap(3, 5, 2, "retention")]);
        var output = new MemoryStream();
        AuditJson.Write(new AuditReport("telemetry", [row], 11, 0, 0, TimeSpan.FromMilliseconds(5)), output);
        Assert.Equal(
            """
            {"device":"pi-7","topic":"telemetry","partition":3,"first":0,"last":9,"delivered":9,"lost":1,"duplicated":2,"reordered":0,"gaps":[{"from":3,"to":5,"count":2,"reason":"retention"}],"log":"9f3c2a17","deadLettered":1}
            {"topic":"telemetry","chains":1,"records":11,"withoutId":0,"trimmedPartitions":0,"delivered":9,"deadLettered":1,"lost":1,"duplicated":2,"reordered":0,"elapsedMs":5,"verdict":"lost"}

            """, Encoding.UTF8.GetString(output.ToArray()));
    }

    [Fact]
    public void ClientProperties_JavasNames_AreTranslated()
    {
        Dictionary<string, string> properties = ClientProperties.Parse("""
            # a comment
            security.protocol=SASL_SSL
            sasl.mechanism = SCRAM-SHA-256
            sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required username="me" password="s=cret";
            ssl.truststore.location=/etc/ca.pem
            ssl.truststore.type=PEM
            request.timeout.ms=5000
            group.id=mine
            """);
        Assert.Equal(["sasl.mechanism=SCRAM-SHA-256", "sasl.password=s=cret", "sasl.username=me", "security.protocol=SASL_SSL", "ssl.ca.location=/etc/ca.pem"],
            properties.Select(property => $"{property.Key}={property.Value}").Order());
        Assert.Throws<FormatException>(() => ClientProperties.Parse("ssl.truststore.location=/etc/ca.jks"));
        Assert.Throws<FormatException>(() => ClientProperties.Parse("nonsense"));
    }
}
