using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using System.Threading.Channels;
using Edge.Kafka.Apis;
using Edge.Kafka.Protocol;
using Edge.Kafka.Security;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;

namespace Edge.Kafka.Server;

/// <summary>One connection: frames in, responses out in the order of the requests.</summary>
/// <remarks>
/// A read loop and a write loop. Requests are done one after the other, except those that run ahead (<see cref="KafkaRequest.InOrder"/>): several produces wait
/// for the same fdatasync. Every error that is not an answer ends this connection and no other.
/// </remarks>
internal sealed partial class KafkaConnection
{
    private readonly ConnectionContext _context;
    private readonly KafkaServer _server;
    private readonly ClientInfo _client;
    private readonly KafkaSession _session;

    /// <summary>Ends reading: the listener stops, or an answer can only be given by closing. Not the peer's own end, behind which unread requests may still lie.</summary>
    private readonly CancellationTokenSource _reading;

    /// <summary>Ends waiting on the client's behalf: as <see cref="_reading"/>, and when the peer is gone.</summary>
    private readonly CancellationTokenSource _aborted;
    private readonly ByteBudget _ownBudget;
    private readonly Channel<PendingResponse> _pending;

    public KafkaConnection(ConnectionContext context, KafkaServer server, ClientInfo client, KafkaSession session)
    {
        (_context, _server, _client, _session) = (context, server, client, session);
        _reading = CancellationTokenSource.CreateLinkedTokenSource(server.Stopping);
        _aborted = CancellationTokenSource.CreateLinkedTokenSource(context.ConnectionClosed, _reading.Token);
        _ownBudget = new(server.Broker.Options.MaxInFlightBytesPerConnection);
        _pending = Channel.CreateBounded<PendingResponse>(new BoundedChannelOptions(server.Broker.Options.MaxInFlightRequests) { SingleReader = true, SingleWriter = true });
        _lastActivity = _opened = Now();
    }

    private ILogger Logger => _server.Broker.Logger;

    public async Task RunAsync()
    {
        Task writing = WriteLoopAsync();
        try
        {
            await ReadLoopAsync().ConfigureAwait(false);
        }
        catch (KafkaProtocolException e)
        {
            Malformed(e.Message);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or ConnectionResetException or ConnectionAbortedException)
        {
            // The peer went away, or the listener stops: nothing to tell anyone.
        }
        finally
        {
            _pending.Writer.TryComplete();
            await writing.ConfigureAwait(false);
            await _aborted.CancelAsync().ConfigureAwait(false);
            _aborted.Dispose();
            _reading.Dispose();
        }
    }

    /// <summary>Ends the connection from outside, whatever it is doing.</summary>
    public void Abort(string reason) => _context.Abort(new ConnectionAbortedException(reason));

    private async Task ReadLoopAsync()
    {
        while (await ReadFrameAsync().ConfigureAwait(false) is { } frame)
        {
            bool isHandedOn = false;
            try
            {
                _isDispatching = true;
                isHandedOn = await DispatchAsync(frame).ConfigureAwait(false);
                _isDispatching = false;
                if (!isHandedOn) return;
            }
            finally
            {
                if (!isHandedOn) frame.Release(this);
            }
        }
    }

    /// <summary>Starts the request and puts it in line for its answer. False: the connection must end.</summary>
    private async ValueTask<bool> DispatchAsync(Frame frame)
    {
        _server.Statistics.RequestReceived(frame.Length);
        if (_session.IsSaslRaw) return await DispatchRawAsync(frame).ConfigureAwait(false);
        (KafkaRequest request, IKafkaApi? api) = ParseHeader(frame);
        if (!_session.IsOpen && request.Header.ApiKey is not ((short)ApiKey.ApiVersions or (short)ApiKey.SaslHandshake or (short)ApiKey.SaslAuthenticate))
        {
            _server.Statistics.AuthenticationFailed();
            LogBad($"{(ApiKey)request.Header.ApiKey} of client '{request.Header.ClientId}' before a log-in, which this address needs");
            return false;
        }
        var writer = new KafkaWriter();
        writer.WriteInt32(0); // the length, patched when sent
        writer.WriteInt32(request.Header.CorrelationId);
        Task<ApiResult> done;
        if (api is null)
        {
            _server.Statistics.Unsupported();
            if (request.Header.ApiKey != (short)ApiKey.ApiVersions)
            {
                writer.Dispose();
                LogBad($"API {request.Header.ApiKey} version {request.Version} of client '{request.Header.ClientId}' is not offered");
                return false;
            }
            _server.Apis.ApiVersions.WriteUnsupported(writer);
            done = Task.FromResult(ApiResult.Respond);
        }
        else
        {
            writer.Flexible = request.Flexible;
            if (request.Flexible && api.Key != ApiKey.ApiVersions) writer.WriteInt8(0); // response header version 1: no tagged fields
            done = Start(api, request, writer);
            await (request.InOrder ?? done).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        await _pending.Writer.WriteAsync(new(request, done, writer, frame.Buffer, frame.BudgetBytes, frame.ConnectionBytes), CancellationToken.None).ConfigureAwait(false);
        return !_isClosing;
    }

    /// <summary>A message of a log-in after a handshake of version 0: length and bytes, both ways, without headers (KIP-43).</summary>
    private async ValueTask<bool> DispatchRawAsync(Frame frame)
    {
        SaslStep step = await SaslAuthenticateApi.StepAsync(_server.Broker, _session, frame.Buffer.AsMemory(0, frame.Length), _client.RemoteAddress, _aborted.Token).ConfigureAwait(false);
        if (step.IsFailed) return false;
        var writer = new KafkaWriter();
        writer.WriteInt32(0);
        step.Answer.CopyTo(writer.GetSpan(step.Answer.Length + 1));
        writer.Advance(step.Answer.Length);
        var request = new KafkaRequest { Header = default, Frame = frame.Buffer.AsMemory(0, frame.Length), BodyStart = 0, Flexible = false, Client = _client, Session = _session, Aborted = _aborted.Token };
        await _pending.Writer.WriteAsync(new(request, Task.FromResult(ApiResult.Respond), writer, frame.Buffer, frame.BudgetBytes, frame.ConnectionBytes), CancellationToken.None).ConfigureAwait(false);
        return !_isClosing;
    }

    private (KafkaRequest Request, IKafkaApi? Api) ParseHeader(Frame frame)
    {
        var reader = new KafkaReader(frame.Buffer.AsSpan(0, frame.Length));
        IKafkaApi? api = _server.Apis.Find(BinaryPrimitives.ReadInt16BigEndian(frame.Buffer), BinaryPrimitives.ReadInt16BigEndian(frame.Buffer.AsSpan(2)));
        RequestHeader header = RequestHeader.Read(ref reader, (_, version) => api is not null && version >= api.FirstFlexible);
        return (new()
        {
            Header = header,
            Frame = frame.Buffer.AsMemory(0, frame.Length),
            BodyStart = reader.Position,
            Flexible = reader.Flexible,
            Client = _client,
            Session = _session,
            Aborted = _aborted.Token,
        }, api);
    }

    private static Task<ApiResult> Start(IKafkaApi api, KafkaRequest request, KafkaWriter writer)
    {
        try
        {
            return api.HandleAsync(request, writer).AsTask();
        }
        catch (Exception e)
        {
            return Task.FromException<ApiResult>(e);
        }
    }

    private void Malformed(string reason)
    {
        _server.Statistics.Malformed();
        LogBad(reason);
    }

    private void LogBad(string reason)
    {
        if (_server.MalformedThrottle.ShouldLog(out long suppressed)) KafkaLog.Malformed(Logger, _client.RemoteAddress, reason, suppressed);
    }
}
