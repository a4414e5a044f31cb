using Confluent.Kafka;
using Edge.CloudSync.Centre;
using Xunit;

namespace Edge.CloudSync.Tests.Centre;

public sealed class ClientSettingsTests
{
    [Fact]
    public void Producer_SecretInAFile_IsReadAnewAndWithoutItsLineEnd()
    {
        string file = Path.GetTempFileName();
        try
        {
            File.WriteAllText(file, "s3cret\n");
            var options = new SyncOptions { BootstrapServers = "centre:9093", Client = new Dictionary<string, string> { ["security.protocol"] = "sasl_ssl", ["sasl.mechanism"] = "SCRAM-SHA-512" }, ClientFiles = new Dictionary<string, string> { ["sasl.password"] = file } };
            Assert.Empty(options.Validate());
            Assert.Equal("s3cret", ClientSettings.Transactional(options, "pi-7", "default", 4096).SaslPassword);
            File.WriteAllText(file, "rotated");
            AdminClientConfig admin = ClientSettings.Admin(options, "pi-7");
            Assert.Equal(("rotated", SecurityProtocol.SaslSsl, SaslMechanism.ScramSha512), (admin.SaslPassword, admin.SecurityProtocol, admin.SaslMechanism));
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public void Admin_SecretFileMissing_NamesTheFile()
    {
        var options = new SyncOptions { BootstrapServers = "centre:9093", ClientFiles = new Dictionary<string, string> { ["sasl.password"] = "/nowhere/at/all" } };
        Assert.Contains("/nowhere/at/all", Assert.Throws<InvalidOperationException>(() => ClientSettings.Admin(options, "pi-7")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Transactional_Settings_AreWhatTheAlgorithmNeeds()
    {
        ProducerConfig config = ClientSettings.Transactional(new SyncOptions { BootstrapServers = "centre:9092" }, "pi-7", "default", 4096);
        Assert.Equal(("edge.pi-7.default", 30_000, true, Acks.All, 5, true), (config.TransactionalId, config.TransactionTimeoutMs, config.EnableIdempotence, config.Acks, config.MaxInFlight, config.LogConnectionClose));
        Assert.Equal((config.TransactionTimeoutMs, false), (config.MessageTimeoutMs, config.AllowAutoCreateTopics));
    }

    // Goal: the taint rule sees every loss of a connection and every time-out, and no broker that was never reached. The texts are librdkafka's.
    [Theory]
    [InlineData("REQTMOUT", "[thrd:x]: TxnCoordinator/1: Timed out EndTxnRequest in flight (after 5010ms, timeout #0)", true)]
    [InlineData("FAIL", "[thrd:x]: TxnCoordinator: 127.0.0.1:9092: Disconnected (after 2111ms in state UP)", true)]
    [InlineData("FAIL", "[thrd:x]: 127.0.0.1:9092/1: Receive failed: Connection reset by peer (after 1ms in state UP)", true)]
    [InlineData("FAIL", "[thrd:x]: 127.0.0.1:9092/1: Connect to ipv4#127.0.0.1:9092 failed: Connection refused (after 0ms in state CONNECT)", false)]
    [InlineData("ERROR", "[thrd:x]: 1/1 brokers are down", false)]
    public void IsTaint_MessageOfTheLibrary_IsTakenOnlyWhenARequestMayBeOnItsWay(string facility, string text, bool isTaint) =>
        Assert.Equal(isTaint, Edge.CloudSync.Forwarding.TransactionSession.IsTaint(facility, text));
}
