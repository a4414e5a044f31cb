using System.Net.Security;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Edge.Host.Composition;
using Edge.Testing.Processes;
using Xunit;

namespace Edge.Host.Tests.Composition;

/// <summary>MQTT over TLS, with client certificates, and over WebSocket.</summary>
public sealed class MqttListenerTests
{
    private static readonly CancellationToken Late = new CancellationTokenSource(TimeSpan.FromSeconds(60)).Token;

    /// <summary>A CONNECT of MQTT 3.1.1, client id "c".</summary>
    private static readonly byte[] Connect = [0x10, 13, 0, 4, .. "MQTT"u8, 4, 2, 0, 60, 0, 1, (byte)'c'];

    private sealed class Authority : IDisposable
    {
        private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        private readonly X509Certificate2 _certificate;

        public Authority(string name)
        {
            var request = new CertificateRequest($"CN={name}", _key, HashAlgorithmName.SHA256);
            request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
            _certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        }

        public string Pem => _certificate.ExportCertificatePem();

        public (string Certificate, string Key) Issue(string name, string purpose, int days = 1)
        {
            using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
            request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(purpose)], true));
            using X509Certificate2 issued = request.Create(_certificate, DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(days).AddHours(-1), RandomNumberGenerator.GetBytes(8));
            return (issued.ExportCertificatePem(), key.ExportPkcs8PrivateKeyPem());
        }

        public void Dispose()
        {
            _certificate.Dispose();
            _key.Dispose();
        }
    }

    private const string ForServers = "1.3.6.1.5.5.7.3.1", ForClients = "1.3.6.1.5.5.7.3.2";

    private static async Task<TestAppliance> StartAsync(TempDirectory files, Authority authority, params string[] settings)
    {
        (string certificate, string key) = authority.Issue("localhost", ForServers);
        await File.WriteAllTextAsync(files.At("server.pem"), certificate);
        await File.WriteAllTextAsync(files.At("server.key"), key);
        await File.WriteAllTextAsync(files.At("ca.pem"), authority.Pem);
        return await TestAppliance.StartAsync(settings: ["Mqtt:TlsPort=0", "Kafka:TlsPort=0", $"Tls:Certificate={files.At("server.pem")}", $"Tls:Key={files.At("server.key")}", .. settings]);
    }

    /// <returns>The CONNACK; empty when the connection was refused before.</returns>
    private static async Task<byte[]> ConnectAsync(int port, (string Certificate, string Key)? client)
    {
        using var tcp = new TcpClient();
        await tcp.ConnectAsync("127.0.0.1", port, Late);
        await using var tls = new SslStream(tcp.GetStream(), false, (_, certificate, _, _) => certificate?.Issuer == "CN=ours");
        using X509Certificate2? own = client is { } pair ? X509Certificate2.CreateFromPem(pair.Certificate, pair.Key) : null;
        using X509Certificate2? usable = own is null ? null : X509CertificateLoader.LoadPkcs12(own.Export(X509ContentType.Pkcs12), null);
        byte[] answer = new byte[4];
        try
        {
            await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = "localhost", ClientCertificates = usable is null ? [] : [usable] }, Late);
            await tls.WriteAsync(Connect, Late);
            int read = await tls.ReadAtLeastAsync(answer, 4, throwOnEndOfStream: false, Late);
            return answer[..read];
        }
        catch (Exception e) when (e is IOException or System.Security.Authentication.AuthenticationException) { return []; }
    }

    [Fact]
    public async Task Tls_WithoutClientAuthority_ServesMqtt()
    {
        using var files = new TempDirectory();
        using var authority = new Authority("ours");
        await using TestAppliance appliance = await StartAsync(files, authority);
        Assert.Equal([0x20, 2, 0, 0], await ConnectAsync(appliance.Appliance.Ports["mqtts"], null));
        // Plain bytes on the TLS port are no MQTT.
        using var plain = new TcpClient();
        await plain.ConnectAsync("127.0.0.1", appliance.Appliance.Ports["mqtts"], Late);
        await plain.GetStream().WriteAsync(Connect, Late);
        byte[] answer = new byte[64];
        int read = 0;
        try { read = await plain.GetStream().ReadAsync(answer, Late); }
        catch (IOException) { }
        Assert.NotEqual(0x20, read == 0 ? 0 : answer[0]);
    }

    [Fact]
    public async Task ClientCertificates_OnlyOursAndOnlyKnownUsers()
    {
        using var files = new TempDirectory();
        using var authority = new Authority("ours");
        using var stranger = new Authority("theirs");
        await using TestAppliance appliance = await StartAsync(files, authority,
            $"Tls:ClientCa={files.At("ca.pem")}", "Mqtt:RequireClientCertificate=true");
        Assert.Equal(0, (await appliance.RunAsync("user", "add", "pump-7", "--certificate")).ExitCode);
        int port = appliance.Appliance.Ports["mqtts"];
        Assert.Equal([0x20, 2, 0, 0], await ConnectAsync(port, authority.Issue("pump-7", ForClients)));
        Assert.Equal([0x20, 2, 0, 4], await ConnectAsync(port, authority.Issue("unknown", ForClients)));
        Assert.Empty(await ConnectAsync(port, null));
        Assert.Empty(await ConnectAsync(port, stranger.Issue("pump-7", ForClients)));
        Assert.Empty(await ConnectAsync(port, authority.Issue("pump-7", ForServers)));
        Assert.Empty(await ConnectAsync(port, authority.Issue("pump-7", ForClients, days: 0))); // expired
    }

    [Fact]
    public async Task Certificate_FileIsMissing_NamesKeyAndFile()
    {
        StartException refused = await Assert.ThrowsAsync<StartException>(() => TestAppliance.StartAsync(settings: ["Tls:Certificate=/nowhere/server.pem"]));
        Assert.StartsWith("Tls:Certificate: '/nowhere/server.pem' cannot be used", refused.Message, StringComparison.Ordinal);
    }

    private static async Task<ClientWebSocket> OpenAsync(TestAppliance appliance, string protocol = "mqtt", string? origin = null)
    {
        var socket = new ClientWebSocket();
        socket.Options.AddSubProtocol(protocol);
        if (origin is not null) socket.Options.SetRequestHeader("Origin", origin);
        try
        {
            await socket.ConnectAsync(new Uri($"ws://127.0.0.1:{appliance.Appliance.Ports["ws"]}/mqtt"), Late);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static async Task<byte[]> ReadAsync(ClientWebSocket socket, int bytes)
    {
        var all = new List<byte>();
        byte[] buffer = new byte[1024];
        while (all.Count < bytes)
        {
            WebSocketReceiveResult result = await socket.ReceiveAsync(buffer, Late);
            if (result.MessageType == WebSocketMessageType.Close) break;
            all.AddRange(buffer[..result.Count]);
        }
        return [.. all];
    }

    // Goal: packets may lie across messages in any way. Method: every byte a message of its own, then several packets in one.
    [Fact]
    public async Task WebSocket_PacketsAcrossMessages_AreServed()
    {
        await using TestAppliance appliance = await TestAppliance.StartAsync();
        using ClientWebSocket socket = await OpenAsync(appliance, origin: $"http://127.0.0.1:{appliance.Appliance.Ports["ws"]}");
        Assert.Equal("mqtt", socket.SubProtocol);
        foreach (byte one in Connect) await socket.SendAsync(new[] { one }, WebSocketMessageType.Binary, true, Late);
        Assert.Equal([0x20, 2, 0, 0], await ReadAsync(socket, 4));
        byte[] packets = [0x82, 6, 0, 1, 0, 1, (byte)'t', 0, 0x32, 8, 0, 1, (byte)'t', 0, 9, .. "abc"u8];
        await socket.SendAsync(packets, WebSocketMessageType.Binary, true, Late);
        byte[] answers = await ReadAsync(socket, 5 + 4 + 8);
        Assert.Equal([0x90, 3, 0, 1, 0], answers[..5]);
        Assert.Contains("40020009", Convert.ToHexString(answers));
        Assert.Contains(Convert.ToHexString([0x30, 6, 0, 1, (byte)'t', .. "abc"u8]), Convert.ToHexString(answers));
        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, Late);
    }

    [Theory]
    [InlineData("mqtt", "http://evil.example")]
    [InlineData("chat", null)]
    public async Task WebSocket_OtherOriginOrProtocol_IsRefused(string protocol, string? origin)
    {
        await using TestAppliance appliance = await TestAppliance.StartAsync();
        await Assert.ThrowsAsync<WebSocketException>(() => OpenAsync(appliance, protocol, origin));
    }

    [Fact]
    public async Task WebSocket_TextFrame_IsClosed()
    {
        await using TestAppliance appliance = await TestAppliance.StartAsync();
        using ClientWebSocket socket = await OpenAsync(appliance);
        await socket.SendAsync(Encoding.UTF8.GetBytes("hello"), WebSocketMessageType.Text, true, Late);
        WebSocketReceiveResult result = await socket.ReceiveAsync(new byte[16], Late);
        Assert.Equal((WebSocketMessageType.Close, WebSocketCloseStatus.InvalidMessageType), (result.MessageType, result.CloseStatus));
    }

    // CVE-2026-25627: a remaining length beyond the data of the WebSocket message was read out of bounds.
    [Fact]
    public async Task Cve202625627_RemainingLengthBeyondTheMessage_WaitsForTheRest()
    {
        await using TestAppliance appliance = await TestAppliance.StartAsync();
        using ClientWebSocket socket = await OpenAsync(appliance);
        await socket.SendAsync(Connect, WebSocketMessageType.Binary, true, Late);
        Assert.Equal([0x20, 2, 0, 0], await ReadAsync(socket, 4));
        await socket.SendAsync(new byte[] { 0x32, 0x80, 0x40, 0, 1, (byte)'t' }, WebSocketMessageType.Binary, true, Late); // 8192 announced, 3 sent
        socket.Abort();
        using ClientWebSocket other = await OpenAsync(appliance);
        await other.SendAsync(Connect, WebSocketMessageType.Binary, true, Late);
        Assert.Equal([0x20, 2, 0, 0], await ReadAsync(other, 4));
    }
}
