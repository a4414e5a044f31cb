using System.Text;
using Confluent.Kafka;
using Edge.Catalog.Users;
using Edge.Kafka.Protocol;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Xunit;

namespace Edge.Kafka.Tests.Security;

/// <summary>Log-ins and rights, with a client that others wrote and with raw bytes.</summary>
public sealed class LogInTests
{
    private const string Password = "correct horse";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static async Task<KafkaHarness> StartAsync(HttpsConnectionAdapterOptions? tls = null, bool withPassword = true)
    {
        KafkaHarness harness = await KafkaHarness.StartAsync(new KafkaOptions { Authentication = KafkaAuthentication.Required }, tls: tls);
        Assert.Equal(UserChange.Ok, (await harness.Users.AddAsync("pump", withPassword ? Password : null)).Change);
        Assert.Equal(UserChange.Ok, (await harness.Users.AllowAsync("pump", new AclRule(AclOperation.Publish | AclOperation.Subscribe, "plant.*"))).Change);
        await harness.CreateTopicAsync("plant.a");
        await harness.CreateTopicAsync("office");
        return harness;
    }

    private static ClientConfig Client(KafkaHarness harness, SaslMechanism mechanism, string password = Password) => new()
    {
        BootstrapServers = harness.Bootstrap, SecurityProtocol = SecurityProtocol.SaslPlaintext, SaslMechanism = mechanism, SaslUsername = "pump", SaslPassword = password,
        SocketTimeoutMs = 30_000, AllowAutoCreateTopics = false,
    };

    private static async Task<PersistenceStatus> ProduceAsync(ClientConfig client, string topic)
    {
        using IProducer<Null, string> producer = new ProducerBuilder<Null, string>(new ProducerConfig(client) { MessageTimeoutMs = 30_000 }).SetErrorHandler((_, _) => { }).Build();
        return (await producer.ProduceAsync(topic, new() { Value = "v" }).WaitAsync(Patience)).Status;
    }

    private static string? ReadOne(ClientConfig client, string topic)
    {
        using IConsumer<Ignore, string> consumer = new ConsumerBuilder<Ignore, string>(new ConsumerConfig(client) { GroupId = "g", AutoOffsetReset = AutoOffsetReset.Earliest, EnableAutoCommit = false }).SetErrorHandler((_, _) => { }).Build();
        consumer.Assign(new TopicPartitionOffset(topic, 0, 0));
        return consumer.Consume(Patience)?.Message.Value;
    }

    [Theory]
    [InlineData(SaslMechanism.Plain)]
    [InlineData(SaslMechanism.ScramSha256)]
    [InlineData(SaslMechanism.ScramSha512)]
    public async Task LogIn_RightPassword_MayDoWhatItsRulesAllowAndNothingElse(SaslMechanism mechanism)
    {
        await using KafkaHarness harness = await StartAsync();
        ClientConfig client = Client(harness, mechanism);
        Assert.Equal(PersistenceStatus.Persisted, await ProduceAsync(client, "plant.a"));
        Assert.Equal("v", ReadOne(client, "plant.a"));
        Confluent.Kafka.ProduceException<Null, string> refused = await Assert.ThrowsAsync<ProduceException<Null, string>>(() => ProduceAsync(client, "office"));
        Assert.Equal(Confluent.Kafka.ErrorCode.TopicAuthorizationFailed, refused.Error.Code);
        using IAdminClient admin = new AdminClientBuilder(client).Build();
        Assert.DoesNotContain(admin.GetMetadata(Patience).Topics, t => t.Topic == "office");
        await Assert.ThrowsAsync<Confluent.Kafka.Admin.DeleteTopicsException>(() => admin.DeleteTopicsAsync(["plant.a"]));
    }

    [Theory]
    [InlineData(SaslMechanism.Plain)]
    [InlineData(SaslMechanism.ScramSha256)]
    public async Task LogIn_WrongPassword_IsRefusedAndCounted(SaslMechanism mechanism)
    {
        await using KafkaHarness harness = await StartAsync();
        var failed = new TaskCompletionSource<Error>(TaskCreationOptions.RunContinuationsAsynchronously);
        using IProducer<Null, string> producer = new ProducerBuilder<Null, string>(new ProducerConfig(Client(harness, mechanism, "wrong horse")))
            .SetErrorHandler((_, e) => { if (e.Code == Confluent.Kafka.ErrorCode.Local_Authentication) failed.TrySetResult(e); }).Build();
        await failed.Task.WaitAsync(Patience);
        Assert.True(harness.Server.Statistics.AuthenticationFailures >= 1);
    }

    [Fact]
    public async Task Request_BeforeALogInThatIsNeeded_ClosesTheConnection()
    {
        await using KafkaHarness harness = await StartAsync();
        using RawClient client = await RawClient.ConnectAsync(harness.Port);
        Assert.NotEmpty(await client.CallAsync(ApiKey.ApiVersions, 0, false, _ => { }));
        await client.SendAsync(RawClient.Frame((short)ApiKey.Metadata, 1, 9, false, w => w.WriteArrayLength(-1)));
        Assert.Null(await client.ReceiveAsync());
        Assert.Equal(1, harness.Server.Statistics.AuthenticationFailures);
    }

    // kafka-python and other old clients: handshake of version 0, then the mechanism's own messages with nothing but a length.
    [Fact]
    public async Task LogIn_HandshakeOfVersion0_TakesBareMessages()
    {
        await using KafkaHarness harness = await StartAsync();
        using RawClient client = await RawClient.ConnectAsync(harness.Port);
        byte[] shake = await client.CallAsync(ApiKey.SaslHandshake, 0, false, w => w.WriteString("PLAIN"));
        Assert.Equal(0, shake[1]);
        byte[] token = Encoding.UTF8.GetBytes($"\0pump\0{Password}");
        await client.SendAsync((byte[])[0, 0, 0, (byte)token.Length, .. token]);
        Assert.Empty(await client.ReceiveAsync() ?? [1]);
        foreach ((string topic, Edge.Kafka.Protocol.ErrorCode expected) in new[] { ("plant.a", Edge.Kafka.Protocol.ErrorCode.None), ("office", Edge.Kafka.Protocol.ErrorCode.TopicAuthorizationFailed) })
        {
            byte[] offsets = await client.CallAsync(ApiKey.ListOffsets, 1, false, w =>
            {
                w.WriteInt32(-1);
                w.WriteArrayLength(1);
                w.WriteString(topic);
                w.WriteArrayLength(1);
                w.WriteInt32(0);
                w.WriteInt64(-1);
            });
            Assert.Equal((short)expected, System.Buffers.Binary.BinaryPrimitives.ReadInt16BigEndian(offsets.AsSpan(offsets.Length - 18)));
        }
    }

    [Fact]
    public async Task Handshake_UnknownMechanism_NamesThoseThereAre()
    {
        await using KafkaHarness harness = await StartAsync();
        using RawClient client = await RawClient.ConnectAsync(harness.Port);
        byte[] shake = await client.CallAsync(ApiKey.SaslHandshake, 1, false, w => w.WriteString("GSSAPI"));
        var reader = new KafkaReader(shake);
        Assert.Equal((short)Edge.Kafka.Protocol.ErrorCode.UnsupportedSaslMechanism, reader.ReadInt16());
        Assert.Equal(["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"], reader.ReadStringArray());
    }

    [Fact]
    public async Task User_RemovedWhileConnected_MayDoNothingMore()
    {
        await using KafkaHarness harness = await StartAsync();
        ClientConfig client = Client(harness, SaslMechanism.ScramSha256);
        using IProducer<Null, string> producer = new ProducerBuilder<Null, string>(new ProducerConfig(client) { MessageTimeoutMs = 20_000 }).SetErrorHandler((_, _) => { }).Build();
        await producer.ProduceAsync("plant.a", new() { Value = "v" }).WaitAsync(Patience);
        Assert.Equal(UserChange.Ok, (await harness.Users.RemoveAsync("pump")).Change);
        await Assert.ThrowsAnyAsync<KafkaException>(() => producer.ProduceAsync("plant.a", new() { Value = "v" }).WaitAsync(Patience));
        Assert.True(harness.Journal.Topics.TryGet("plant.a", out Log.Topics.Topic topic));
        Assert.Equal(1, topic.Partitions[0].HighWatermark);
    }

    [Fact]
    public async Task Tls_ClientCertificateOfAUser_LogsIn()
    {
        using var certificates = new TestCertificates();
        var tls = new HttpsConnectionAdapterOptions
        {
            ServerCertificate = certificates.Issue("edge").Certificate, ClientCertificateMode = ClientCertificateMode.AllowCertificate, ClientCertificateValidation = (_, _, _) => true,
        };
        await using KafkaHarness harness = await StartAsync(tls, withPassword: false);
        (_, string certificate, string key) = certificates.Issue("pump");
        var client = new ClientConfig { BootstrapServers = harness.Bootstrap, SecurityProtocol = SecurityProtocol.Ssl, SslCaPem = certificates.RootPem, SslCertificatePem = certificate, SslKeyPem = key };
        Assert.Equal(PersistenceStatus.Persisted, await ProduceAsync(client, "plant.a"));
        (_, string stranger, string strangerKey) = certificates.Issue("stranger");
        var unknown = new ClientConfig(client) { SslCertificatePem = stranger, SslKeyPem = strangerKey };
        using IAdminClient admin = new AdminClientBuilder(unknown).SetErrorHandler((_, _) => { }).Build();
        Assert.ThrowsAny<KafkaException>(() => admin.GetMetadata(TimeSpan.FromSeconds(3)));
    }

    [Fact]
    public async Task Fetch_OfTheCatalog_IsRefusedToEveryone()
    {
        await using KafkaHarness harness = await KafkaHarness.StartAsync();
        await harness.Users.AddAsync("pump", Password);
        using IConsumer<Ignore, string> consumer = new ConsumerBuilder<Ignore, string>(new ConsumerConfig { BootstrapServers = harness.Bootstrap, GroupId = "g" }).SetErrorHandler((_, _) => { }).Build();
        consumer.Assign(new TopicPartitionOffset("__catalog", 0, 0));
        Assert.Equal(Confluent.Kafka.ErrorCode.TopicAuthorizationFailed, Assert.Throws<ConsumeException>(() => consumer.Consume(Patience)).Error.Code);
    }
}
