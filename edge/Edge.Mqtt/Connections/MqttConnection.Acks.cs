using Edge.Ingest;
using Edge.Log.Commit;
using Edge.Mqtt.Protocol;
using Edge.Mqtt.Publishing;

namespace Edge.Mqtt.Connections;

/// <content>Acknowledgements: sent in order when their commit group is durable, many in one write.</content>
internal sealed partial class MqttConnection : ICommitListener, IThreadPoolWorkItem
{
    private const int AcksPerWrite = 256;

    private readonly AckQueue _acks = new();
    private readonly Lock _ackGate = new();
    private List<(long Group, AppendStatus Status)>? _failures;
    private TaskCompletionSource? _ackRoom;
    private long _completedGroup = -1;
    private int _ackScheduled;

    /// <summary>On the journal's writer thread: only notes it and leaves the sending to the pool.</summary>
    public void OnCommitted(long group, CommitOutcome outcome)
    {
        if (!outcome.IsDurable)
            lock (_ackGate) (_failures ??= []).Add((group, outcome.Status));
        Volatile.Write(ref _completedGroup, group);
        if (Interlocked.Exchange(ref _ackScheduled, 1) == 0) ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    void IThreadPoolWorkItem.Execute()
    {
        Interlocked.Exchange(ref _ackScheduled, 0);
        SendAcks();
    }

    private void SendAcks()
    {
        Span<PendingAck> taken = stackalloc PendingAck[AcksPerWrite];
        lock (_ackGate)
        {
            long group = Volatile.Read(ref _completedGroup);
            int count, sent = 0;
            using (ConnectionOutput.Scope output = Output.Enter())
            {
                while ((count = _acks.Take(group, taken)) > 0)
                {
                    Span<byte> room = output.GetSpan(count * PacketWriter.MaxAcknowledgementBytes);
                    int at = 0;
                    foreach (ref readonly PendingAck ack in taken[..count])
                    {
                        ReasonCode reason = ack.Reason;
                        if (_failures is not null && !CheckFailures(ack, ref reason)) break;
                        at += PacketWriter.Acknowledgement(room[at..], ack.Type, ack.PacketId, reason);
                        if (ack.Type != PacketType.PubComp && reason < ReasonCode.UnspecifiedError) sent++;
                    }
                    output.Advance(at);
                    if (IsClosing) break;
                }
                output.Flush();
            }
            if (sent > 0) _broker.Statistics.AddAcknowledged(sent);
            _ackRoom?.TrySetResult();
            _ackRoom = null;
        }
    }

    /// <summary>The group of this publish failed: MQTT 5 is told, an older client is closed without the acknowledgement.</summary>
    private bool CheckFailures(in PendingAck ack, ref ReasonCode reason)
    {
        foreach ((long group, AppendStatus status) in _failures!)
        {
            if (group != ack.Group || reason >= ReasonCode.UnspecifiedError) continue;
            if (ack.Type == PacketType.PubComp)
            {
                if (!_session!.IsDurable) continue;
                // The release is not on disk: the client keeps the id and asks again on its next connection.
                _session.Received.OnReleaseFailed();
                Close(ReasonCode.UnspecifiedError);
                return false;
            }
            _broker.Statistics.AddRefused();
            if (ack.Type == PacketType.PubRec) Forget(ack.PacketId);
            reason = status == AppendStatus.LogFull ? ReasonCode.QuotaExceeded : ReasonCode.UnspecifiedError;
            if (_v5) return true;
            Close(reason);
            return false;
        }
        return true;
    }

    private Task WhenAckRoom()
    {
        lock (_ackGate)
        {
            if (IsClosing || _acks.Count < _broker.Options.ReceiveMaximum) return Task.CompletedTask;
            return (_ackRoom ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        }
    }
}
