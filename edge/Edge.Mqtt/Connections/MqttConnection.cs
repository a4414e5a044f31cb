using System.IO.Pipelines;
using Edge.Ingest;
using Edge.Mqtt.Protocol;
using Edge.Mqtt.Publishing;
using Edge.Mqtt.Sessions;
using Microsoft.AspNetCore.Connections;

namespace Edge.Mqtt.Connections;

/// <summary>One network connection: its packets in, its acknowledgements out, in order.</summary>
/// <remarks>The reading side is one loop and needs no lock; what other threads do (commits, fan-out, closing) goes through the ack queue and the output.</remarks>
internal sealed partial class MqttConnection
{
    private static readonly TimeSpan CloseLimit = TimeSpan.FromSeconds(3);

    private readonly MqttBroker _broker;
    private readonly IngestPipeline _ingest;
    private readonly ConnectionContext _transport;
    private readonly PipeReader _input;
    private readonly TaskCompletionSource _finished = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ConnectPacket? _connect;
    private MqttSession? _session;
    private bool _v5;
    private int _closing;
    private bool _heldBack;
    private ReasonCode _closeReason;
    private bool _tellReason, _withWill = true;
    private readonly TaskCompletionSource? _closed;
    private readonly ClientQuota? _quota;
    private int _readMessages;
    private StoredWill? _will;

    public MqttConnection(MqttBroker broker, ConnectionContext transport)
    {
        _broker = broker;
        _ingest = broker.Ingest;
        _transport = transport;
        _input = transport.Transport.Input;
        Output = new ConnectionOutput(transport.Transport.Output, () => _session?.OnDrained());
        StartedAt = LastPacketAt = broker.Now();
        _quota = ClientQuota.Of(broker.Options, broker.TimeProvider);
        if (_quota is not null) _closed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    public ConnectionOutput Output { get; }
    public bool IsVersion5 => _v5;

    /// <summary>Unacknowledged publishes the client takes. MQTT 3.1.1 has no such number.</summary>
    public int ReceiveMaximum => _connect?.ReceiveMaximum ?? ushort.MaxValue;
    public long MaximumPacketSize => _connect?.MaximumPacketSize ?? uint.MaxValue;
    /// <summary>Null: the client takes no topic aliases.</summary>
    public OutgoingAliases? Aliases { get; private set; }

    public bool IsConnected => _session is not null;
    public long StartedAt { get; }

    /// <summary>Monotonic time of the last whole packet.</summary>
    public long LastPacketAt { get; private set; }

    /// <summary>True while it is the broker that does not read: a disk that stalls must not look like a silent client.</summary>
    public bool IsHeldBack { get => Volatile.Read(ref _heldBack); private set => Volatile.Write(ref _heldBack, value); }

    /// <summary>Keep-alive in effect; zero: none.</summary>
    public TimeSpan KeepAlive { get; private set; }

    /// <summary>Completes when the connection has let go of its session.</summary>
    public Task Finished => _finished.Task;

    private bool IsClosing => Volatile.Read(ref _closing) != 0;

    /// <summary>Ends the connection from any thread; an MQTT 5 client is told why.</summary>
    /// <returns>False when it was ending already.</returns>
    public bool Close(ReasonCode reason, bool tell = true)
    {
        if (Interlocked.Exchange(ref _closing, 1) != 0) return false;
        _closeReason = reason;
        _tellReason = tell;
        _input.CancelPendingRead();
        _closed?.TrySetResult();
        lock (_ackGate) _ackRoom?.TrySetResult();
        return true;
    }

    public void SendAcknowledgement(PacketType type, ushort packetId, ReasonCode reason)
    {
        Span<byte> packet = stackalloc byte[PacketWriter.MaxAcknowledgementBytes];
        Output.Write(packet[..PacketWriter.Acknowledgement(packet, type, packetId, _v5 ? reason : ReasonCode.Success)]);
    }

    /// <summary>Sends what the fan-out has written.</summary>
    public void FlushDeliveries() => _session?.Flush();

    public async Task RunAsync()
    {
        try
        {
            await ReadAsync().ConfigureAwait(false);
        }
        catch (Exception e) when (e is ConnectionResetException or ConnectionAbortedException or OperationCanceledException or IOException) { }
        catch (Exception e) { _broker.ReportConnectionFault(_connect?.ClientId ?? "", e); }
        finally { await FinishAsync().ConfigureAwait(false); }
    }

    private async Task FinishAsync()
    {
        Interlocked.Exchange(ref _closing, 1);
        if (_v5 && _tellReason && IsConnected) Output.Write(PacketWriter.Disconnect(_closeReason));
        try
        {
            if (_session is { } session)
                await _broker.Sessions.ReleaseAsync(this, session, _withWill ? _will : null).ConfigureAwait(false);
            if (_will is not null && !_withWill) _broker.Store.Remove(_will.Key);
        }
        finally { _finished.TrySetResult(); }
        await Output.CloseAsync(CloseLimit, _broker.TimeProvider).ConfigureAwait(false);
        await _input.CompleteAsync().ConfigureAwait(false);
        // A peer that neither reads nor closes would keep its socket for ever.
        TaskCompletionSource closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using (_transport.ConnectionClosed.UnsafeRegister(static state => ((TaskCompletionSource)state!).TrySetResult(), closed))
        {
            try { await closed.Task.WaitAsync(CloseLimit, _broker.TimeProvider).ConfigureAwait(false); }
            catch (TimeoutException) { _transport.Abort(); }
        }
    }
}
