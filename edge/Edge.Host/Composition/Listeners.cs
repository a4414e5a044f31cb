using System.Net;
using System.Net.Sockets;
using Edge.Host.Configuration;
using Edge.Http;
using Edge.Kafka;
using Edge.Mqtt;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Edge.Host.Composition;

/// <summary>The three listeners on one Kestrel: Kafka, HTTP, MQTT.</summary>
internal sealed class Listeners : IAsyncDisposable
{
    private const int MaxHttpConnections = 512;
    private static readonly string[] Names = ["mqtt", "kafka", "http", "mqtts", "ws", "kafkas"];

    private readonly WebApplication _web;
    private readonly Dictionary<string, ListenOptions> _bound = [];
    private readonly EdgeOptions _options;
    private int _httpConnections;

    /// <summary>Prepares; nothing is bound before <see cref="StartAsync"/>.</summary>
    public Listeners(EdgeOptions options, MqttBroker mqtt, KafkaServer kafka, HttpApiContext http, ILoggerFactory loggerFactory)
    {
        _options = options;
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = "edge" });
        builder.Services.AddSingleton(loggerFactory);
        builder.Services.AddSingleton<IHostLifetime, OwnLifetime>();
        builder.Services.AddRoutingCore();
        HttpsConnectionAdapterOptions? tls = TlsSetup.Load(options.Tls), mqttTls = options.Mqtt.RequireClientCertificate ? TlsSetup.Load(options.Tls, requireClient: true) : tls;
        var (mqttHandler, kafkaHandler) = (new MqttConnectionHandler(mqtt), new KafkaConnectionHandler(kafka));
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = options.Http.MaxBodyBytes;
            kestrel.Limits.MaxRequestHeadersTotalSize = 16 << 10;
            kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(10);
            Listen(kestrel, "kafka", options.Kafka.BindAddress, options.Kafka.Port, listen => listen.Run(kafkaHandler.OnConnectedAsync));
            if (tls is not null && options.Kafka.TlsPort >= 0)
            {
                ListenEverywhere(kestrel, "kafkas", options.Kafka.TlsPort, listen =>
                {
                    listen.UseHttps(tls);
                    listen.Run(kafkaHandler.OnConnectedAsync);
                });
            }
            Listen(kestrel, "http", options.Http.BindAddress, options.Http.Port, listen =>
            {
                listen.Protocols = HttpProtocols.Http1;
                listen.Use(next => connection => LimitAsync(connection, next));
            });
            if (mqttTls is not null && options.Mqtt.TlsPort >= 0)
            {
                ListenEverywhere(kestrel, "mqtts", options.Mqtt.TlsPort, listen =>
                {
                    listen.UseHttps(mqttTls);
                    listen.Run(mqttHandler.OnConnectedAsync);
                });
            }
            Listen(kestrel, "mqtt", options.Mqtt.BindAddress, options.Mqtt.Port, listen => listen.Run(mqttHandler.OnConnectedAsync));
        });
        _web = builder.Build();
        _web.UseWebSockets(new WebSocketOptions { KeepAliveInterval = TimeSpan.FromSeconds(30) });
        HttpApi.Map(_web, http);
    }

    /// <summary>Ports as bound, in the order of the readiness line.</summary>
    public IReadOnlyDictionary<string, int> Ports => Names.Where(n => n == "ws" || _bound.ContainsKey(n)).ToDictionary(static n => n, n => _bound[n == "ws" ? "http" : n].IPEndPoint!.Port);

    /// <summary>Where HTTP is reached from this machine.</summary>
    public string LocalUrl
    {
        get
        {
            IPEndPoint at = _bound["http"].IPEndPoint!;
            IPAddress address = at.Address.Equals(IPAddress.Any) ? IPAddress.Loopback : at.Address.Equals(IPAddress.IPv6Any) ? IPAddress.IPv6Loopback : at.Address;
            return $"http://{new IPEndPoint(address, at.Port)}";
        }
    }

    /// <summary>Binds all of them.</summary>
    /// <exception cref="StartException">One cannot be bound; names it.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        try { await _web.StartAsync(cancellationToken).ConfigureAwait(false); }
        catch (Exception e) when (e is IOException or SocketException or InvalidOperationException) { throw Explain(e); }
    }

    /// <summary>Takes no new connections and waits for those there are.</summary>
    /// <param name="cancellationToken">When cancelled, what is left is cut off.</param>
    public Task StopAsync(CancellationToken cancellationToken) => _web.StopAsync(cancellationToken);

    public ValueTask DisposeAsync() => _web.DisposeAsync();

    private void Listen(KestrelServerOptions kestrel, string name, string address, int port, Action<ListenOptions> configure) =>
        kestrel.Listen(IPAddress.Parse(address), port, listen =>
        {
            _bound[name] = listen;
            configure(listen);
        });

    private void ListenEverywhere(KestrelServerOptions kestrel, string name, int port, Action<ListenOptions> configure) =>
        kestrel.ListenAnyIP(port, listen =>
        {
            _bound[name] = listen;
            configure(listen);
        });

    private async Task LimitAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        try
        {
            if (Interlocked.Increment(ref _httpConnections) <= MaxHttpConnections) await next(connection).ConfigureAwait(false);
            else connection.Abort();
        }
        finally { Interlocked.Decrement(ref _httpConnections); }
    }

    /// <summary>Kestrel does not say whose address it was: each is tried once more to find out.</summary>
    private StartException Explain(Exception cause)
    {
        (string Key, string Address, int Port)[] all =
        [
            ("Kafka", _options.Kafka.BindAddress, _options.Kafka.Port), ("Http", _options.Http.BindAddress, _options.Http.Port), ("Mqtt", _options.Mqtt.BindAddress, _options.Mqtt.Port),
            .. _bound.ContainsKey("kafkas") ? [("Kafka:Tls", "0.0.0.0", _options.Kafka.TlsPort)] : Array.Empty<(string, string, int)>(),
            .. _bound.ContainsKey("mqtts") ? [("Mqtt:Tls", "0.0.0.0", _options.Mqtt.TlsPort)] : Array.Empty<(string, string, int)>(),
        ];
        foreach ((string key, string address, int port) in all)
        {
            IPAddress ip = IPAddress.Parse(address);
            try
            {
                using var probe = new Socket(ip.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
                probe.Bind(new IPEndPoint(ip, port));
            }
            catch (SocketException e)
            {
                return new StartException(e.SocketErrorCode switch
                {
                    SocketError.AddressAlreadyInUse => $"{PortKey(key)} {port} on {address} is in use by another program; stop it, or choose another port with --set {PortKey(key)}=… (0 = any free one).",
                    SocketError.AccessDenied => $"{PortKey(key)} {port} may not be bound by this user; use a port from 1024 on.",
                    SocketError.AddressNotAvailable => $"{key}:BindAddress {address} is no address of this machine.",
                    _ => $"{key} cannot listen on {address}:{port}: {e.Message}.",
                }, cause);
            }
        }
        return new StartException($"A listener cannot be bound: {cause.Message}", cause);
    }

    private static string PortKey(string listener) => listener.EndsWith(":Tls", StringComparison.Ordinal) ? listener + "Port" : listener + ":Port";

    /// <summary>The command line handles signals; ASP.NET Core must not.</summary>
    private sealed class OwnLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;
        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
