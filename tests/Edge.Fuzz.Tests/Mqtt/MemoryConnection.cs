using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;

namespace Edge.Fuzz.Tests.Mqtt;

/// <summary>A connection to the broker without a socket: a thousand times as many a second.</summary>
internal sealed class MemoryConnection : IAsyncDisposable
{
    private static readonly PipeOptions Bounded = new(pauseWriterThreshold: 64 << 10, resumeWriterThreshold: 32 << 10, useSynchronizationContext: false);

    // A write is done when the broker has looked at it: a packet behind the one that ended the connection is not counted as thrown.
    private readonly Pipe _toBroker = new(new PipeOptions(pauseWriterThreshold: 1, resumeWriterThreshold: 1, useSynchronizationContext: false));
    private readonly Pipe _fromBroker = new(Bounded);
    private readonly CancellationTokenSource _closed = new();
    private readonly Task _serving;

    public MemoryConnection(ConnectionHandler handler)
    {
        DefaultConnectionContext context = new("fuzz", new Duplex(_toBroker.Reader, _fromBroker.Writer), new Duplex(_fromBroker.Reader, _toBroker.Writer)) { ConnectionClosed = _closed.Token };
        _serving = handler.OnConnectedAsync(context);
    }

    public PipeReader Input => _fromBroker.Reader;

    /// <summary>False when the broker reads no more; else it has looked at the bytes.</summary>
    public async ValueTask<bool> SendAsync(ReadOnlyMemory<byte> bytes) => !(await _toBroker.Writer.WriteAsync(bytes).ConfigureAwait(false)).IsCompleted;

    /// <summary>Reads and throws away what the broker says, until it has nothing more to say.</summary>
    /// <returns>Bytes.</returns>
    public async Task<long> DrainAsync()
    {
        long bytes = 0;
        while (true)
        {
            ReadResult result = await _fromBroker.Reader.ReadAsync().ConfigureAwait(false);
            bytes += result.Buffer.Length;
            _fromBroker.Reader.AdvanceTo(result.Buffer.End);
            if (result.IsCompleted) return bytes;
        }
    }

    public async ValueTask HangUpAsync() => await _toBroker.Writer.CompleteAsync().ConfigureAwait(false);

    /// <summary>Ends the connection; throws when the broker does not let go of it.</summary>
    public async ValueTask DisposeAsync()
    {
        await HangUpAsync().ConfigureAwait(false);
        await _closed.CancelAsync().ConfigureAwait(false);
        await _serving.WaitAsync(TimeSpan.FromSeconds(60)).ConfigureAwait(false);
        _closed.Dispose();
    }

    private sealed class Duplex(PipeReader input, PipeWriter output) : IDuplexPipe
    {
        public PipeReader Input { get; } = input;
        public PipeWriter Output { get; } = output;
    }
}
