using System.Buffers;
using System.IO.Pipelines;

namespace Edge.Mqtt.Connections;

/// <summary>What goes out on one connection. Any thread may write; packets are never mixed.</summary>
/// <remarks>
/// While the socket takes what it is given, packets go straight into its pipe. Once the peer is slow (a flush does not complete) they wait in a staging buffer of at
/// most <see cref="MaxStagedBytes"/>; who has something that may wait or be dropped asks <see cref="Scope.HasRoom"/> first. Acknowledgements always fit:
/// the reader stops reading a peer that does not take its own.
/// </remarks>
internal sealed class ConnectionOutput(PipeWriter writer, Action onDrained)
{
    /// <summary>With the 64 KiB Kestrel buffers itself this keeps one peer below 256 KiB.</summary>
    public const int MaxStagedBytes = 160 << 10;

    // A writer that gathers many packets before it flushes must not grow the pipe meanwhile.
    private const int FlushBytes = 32 << 10;

    private readonly Lock _gate = new();
    private byte[] _staged = [];
    private int _stagedLength, _unflushed;
    private bool _dirty, _flushing, _closed;
    private TaskCompletionSource? _drained;

    /// <summary>Bytes that wait for a slow peer. Read without the lock as a hint.</summary>
    public int StagedBytes => Volatile.Read(ref _stagedLength);

    public bool IsClosed => Volatile.Read(ref _closed);

    /// <summary>Locks the output until disposed. No await inside.</summary>
    public Scope Enter() => new(this);

    public void Write(ReadOnlySpan<byte> packet)
    {
        using Scope scope = Enter();
        packet.CopyTo(scope.GetSpan(packet.Length));
        scope.Advance(packet.Length);
        scope.Flush();
    }

    /// <summary>Sends what was written without a flush.</summary>
    public void Flush()
    {
        using Scope scope = Enter();
        scope.Flush();
    }

    /// <summary>Completes when nothing is staged any more, or the connection is closed.</summary>
    public Task WhenDrained()
    {
        lock (_gate)
        {
            if (!_flushing || _closed) return Task.CompletedTask;
            return (_drained ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        }
    }

    /// <summary>Nothing more is written. What the pipe already has is still sent.</summary>
    public async ValueTask CloseAsync(TimeSpan limit, TimeProvider timeProvider)
    {
        try { await WhenDrained().WaitAsync(limit, timeProvider).ConfigureAwait(false); }
        catch (TimeoutException) { } // a peer that does not read gets no farewell
        lock (_gate)
        {
            if (_closed) return;
            Volatile.Write(ref _closed, true);
            _staged = [];
            _stagedLength = 0;
            _drained?.TrySetResult();
        }
        try { await writer.CompleteAsync().ConfigureAwait(false); }
        catch (InvalidOperationException) { } // a flush is still under way; the abort that follows ends it
    }

    private void FlushLocked()
    {
        if (!_dirty || _flushing || _closed) return;
        _dirty = false;
        _unflushed = 0;
        ValueTask<FlushResult> flush = writer.FlushAsync();
        if (flush.IsCompleted)
        {
            if (!flush.IsCompletedSuccessfully || flush.Result.IsCompleted) Volatile.Write(ref _closed, true);
            return;
        }
        _flushing = true;
        _ = ContinueAsync(flush);
    }

    private async Task ContinueAsync(ValueTask<FlushResult> flush)
    {
        while (true)
        {
            bool isOver;
            try { isOver = (await flush.ConfigureAwait(false)).IsCompleted; }
            catch (Exception) { isOver = true; } // the transport is gone; the reader sees it too and ends the connection
            lock (_gate)
            {
                if (isOver || _closed)
                {
                    Volatile.Write(ref _closed, true);
                    _stagedLength = 0;
                    _staged = [];
                }
                if (_stagedLength == 0)
                {
                    _flushing = false;
                    if (_staged.Length > 0) ArrayPool<byte>.Shared.Return(_staged);
                    _staged = [];
                    _drained?.TrySetResult();
                    _drained = null;
                    break;
                }
                writer.Write(_staged.AsSpan(0, _stagedLength));
                _stagedLength = 0;
                flush = writer.FlushAsync();
            }
        }
        onDrained();
    }

    private Span<byte> GetSpanLocked(int bytes)
    {
        if (!_flushing && !_closed) return writer.GetSpan(bytes);
        if (_staged.Length - _stagedLength < bytes)
        {
            byte[] larger = ArrayPool<byte>.Shared.Rent(Math.Max(4096, Math.Max(_staged.Length * 2, _stagedLength + bytes)));
            _staged.AsSpan(0, _stagedLength).CopyTo(larger);
            if (_staged.Length > 0) ArrayPool<byte>.Shared.Return(_staged);
            _staged = larger;
        }
        return _staged.AsSpan(_stagedLength);
    }

    private void AdvanceLocked(int bytes)
    {
        if (_closed) return;
        if (_flushing) _stagedLength += bytes;
        else
        {
            writer.Advance(bytes);
            _dirty = true;
            _unflushed += bytes;
            if (_unflushed >= FlushBytes) FlushLocked();
        }
    }

    /// <summary>The locked output.</summary>
    public readonly ref struct Scope
    {
        private readonly ConnectionOutput _output;

        public Scope(ConnectionOutput output)
        {
            _output = output;
            output._gate.Enter();
        }

        /// <summary>True when <paramref name="bytes"/> more do not make a slow peer cost more than its share.</summary>
        public bool HasRoom(int bytes) => !_output._closed && (!_output._flushing || _output._stagedLength + bytes <= MaxStagedBytes);

        public Span<byte> GetSpan(int bytes) => _output.GetSpanLocked(bytes);

        public void Advance(int bytes) => _output.AdvanceLocked(bytes);

        public void Flush() => _output.FlushLocked();

        public void Dispose() => _output._gate.Exit();
    }
}
