using System.IO.Pipelines;
using System.Net;
using System.Net.WebSockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;

namespace Edge.Mqtt.WebSockets;

/// <summary>A WebSocket as the byte stream the broker reads: MQTT packets may lie across messages in any way. Source: MQTT 5.0, 6.</summary>
internal sealed class WebSocketConnection : ConnectionContext
{
    // As much as Kestrel buffers of a socket of its own; then the peer is read no further.
    private const int PauseBytes = 64 << 10, ReadBytes = 4 << 10;

    private readonly WebSocket _socket;
    private readonly Pipe _input = new(new PipeOptions(pauseWriterThreshold: PauseBytes, resumeWriterThreshold: PauseBytes / 2, useSynchronizationContext: false));
    private readonly Pipe _output = new(new PipeOptions(pauseWriterThreshold: PauseBytes, resumeWriterThreshold: PauseBytes / 2, useSynchronizationContext: false));
    private readonly CancellationTokenSource _closed = new();

    public WebSocketConnection(WebSocket socket, string id, IPAddress? remote, int remotePort, IFeatureCollection features)
    {
        _socket = socket;
        ConnectionId = id;
        Features = features;
        RemoteEndPoint = remote is null ? null : new IPEndPoint(remote, remotePort);
        ConnectionClosed = _closed.Token;
        Transport = new DuplexPipe(_input.Reader, _output.Writer);
    }

    public override string ConnectionId { get; set; }
    public override IFeatureCollection Features { get; }
    public override IDictionary<object, object?> Items { get; set; } = new Dictionary<object, object?>();
    public override IDuplexPipe Transport { get; set; }

    /// <summary>Carries bytes both ways until both sides are done.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        Task receiving = ReceiveAsync(cancellationToken);
        await SendAsync(cancellationToken).ConfigureAwait(false);
        await receiving.ConfigureAwait(false);
    }

    public override void Abort(ConnectionAbortedException abortReason) => _socket.Abort();

    public override ValueTask DisposeAsync()
    {
        _socket.Abort();
        _closed.Dispose();
        return base.DisposeAsync();
    }

    private async Task ReceiveAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                ValueWebSocketReceiveResult result = await _socket.ReceiveAsync(_input.Writer.GetMemory(ReadBytes), cancellationToken).ConfigureAwait(false);
                if (result.MessageType == WebSocketMessageType.Close) break;
                if (result.MessageType == WebSocketMessageType.Text)
                {
                    // Only binary frames are MQTT [MQTT-6.0.0-1].
                    await _socket.CloseOutputAsync(WebSocketCloseStatus.InvalidMessageType, "MQTT is binary", cancellationToken).ConfigureAwait(false);
                    break;
                }
                _input.Writer.Advance(result.Count);
                if ((await _input.Writer.FlushAsync(cancellationToken).ConfigureAwait(false)).IsCompleted) break;
            }
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException or IOException or ObjectDisposedException) { }
        await _input.Writer.CompleteAsync().ConfigureAwait(false);
        // The broker, once it has let go of its end, waits for the peer to close; after its reader is done nothing is read any more.
        try { await _closed.CancelAsync().ConfigureAwait(false); }
        catch (ObjectDisposedException) { }
    }

    private async Task SendAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                ReadResult result = await _output.Reader.ReadAsync(cancellationToken).ConfigureAwait(false);
                foreach (ReadOnlyMemory<byte> part in result.Buffer)
                    await _socket.SendAsync(part, WebSocketMessageType.Binary, endOfMessage: true, cancellationToken).ConfigureAwait(false);
                _output.Reader.AdvanceTo(result.Buffer.End);
                if (result.IsCompleted) break;
            }
            if (_socket.State is WebSocketState.Open or WebSocketState.CloseReceived) await _socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException or IOException or ObjectDisposedException) { }
        await _output.Reader.CompleteAsync().ConfigureAwait(false);
    }

    private sealed class DuplexPipe(PipeReader input, PipeWriter output) : IDuplexPipe
    {
        public PipeReader Input { get; } = input;
        public PipeWriter Output { get; } = output;
    }
}
