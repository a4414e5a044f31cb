using System.Buffers;
using System.IO.Pipelines;
using Edge.Kafka.Apis;
using Edge.Kafka.Protocol;
using Microsoft.AspNetCore.Connections;

namespace Edge.Kafka.Server;

internal sealed partial class KafkaConnection
{
    /// <summary>A response goes out in pieces of this size: a client that reads slowly makes progress, one that does not read is noticed.</summary>
    private const int PieceBytes = 64 << 10;

    private volatile bool _isClosing;

    private async Task WriteLoopAsync()
    {
        while (await _pending.Reader.WaitToReadAsync(CancellationToken.None).ConfigureAwait(false))
        {
            while (_pending.Reader.TryRead(out PendingResponse? pending)) await FinishAsync(pending).ConfigureAwait(false);
        }
    }

    /// <summary>Waits for one request, gives back what it held, and sends its answer. Never throws.</summary>
    private async Task FinishAsync(PendingResponse pending)
    {
        ApiResult result = await ResultOfAsync(pending).ConfigureAwait(false);
        ArrayPool<byte>.Shared.Return(pending.FrameBuffer);
        _server.Broker.Budget.Return(pending.BudgetBytes);
        _ownBudget.Return(pending.ConnectionBytes);
        try
        {
            if (result == ApiResult.Close) await CloseAsync().ConfigureAwait(false);
            else if (result != ApiResult.NoResponse && !_isClosing) await SendAsync(pending.Writer).ConfigureAwait(false);
            if (result == ApiResult.RespondAndClose) await CloseAsync().ConfigureAwait(false);
            _lastActivity = Now();
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or InvalidOperationException)
        {
            await CloseAsync().ConfigureAwait(false); // the peer is gone; later requests are still waited for
        }
        finally
        {
            pending.Writer.Dispose();
            _server.Broker.Budget.Return(pending.Request.HeldBytes);
        }
    }

    private async Task<ApiResult> ResultOfAsync(PendingResponse pending)
    {
        try
        {
            return await pending.Done.ConfigureAwait(false);
        }
        catch (KafkaProtocolException e)
        {
            Malformed($"{(ApiKey)pending.Request.Header.ApiKey} version {pending.Request.Version} of client '{pending.Request.Header.ClientId}': {e.Message}");
        }
        catch (OperationCanceledException)
        {
            // The connection or the listener ended while the request waited.
        }
        catch (Exception e)
        {
            _server.Statistics.Failed();
            KafkaLog.RequestFailed(Logger, e, ((ApiKey)pending.Request.Header.ApiKey).ToString(), pending.Request.Version, pending.Request.Header.ClientId, _client.RemoteAddress);
        }
        return ApiResult.Close;
    }

    private async Task SendAsync(KafkaWriter writer)
    {
        PipeWriter output = _context.Transport.Output;
        writer.PatchInt32(0, writer.Length - 4);
        ReadOnlyMemory<byte> left = writer.Written;
        while (left.Length > 0)
        {
            ReadOnlyMemory<byte> piece = left[..Math.Min(left.Length, PieceBytes)];
            left = left[piece.Length..];
            output.Write(piece.Span);
            // Several answers that are ready together leave in one write.
            if (left.IsEmpty && _pending.Reader.TryPeek(out PendingResponse? next) && next.Done.IsCompletedSuccessfully) break;
            _flushStarted = Now();
            FlushResult flushed = await output.FlushAsync(CancellationToken.None).ConfigureAwait(false);
            _flushStarted = 0;
            if (flushed.IsCompleted || flushed.IsCanceled) throw new ConnectionAbortedException("the peer stopped reading");
        }
        _server.Statistics.ResponseSent(writer.Length);
    }

    /// <summary>Stops reading. What was answered before still goes out.</summary>
    private async ValueTask CloseAsync()
    {
        if (_isClosing) return;
        _isClosing = true;
        await _reading.CancelAsync().ConfigureAwait(false);
    }
}
