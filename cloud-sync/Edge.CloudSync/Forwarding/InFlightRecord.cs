using Confluent.Kafka;

namespace Edge.CloudSync.Forwarding;

/// <summary>A record the client has and the centre has not confirmed. Pooled by its session with its delegate: no allocation of ours per record.</summary>
internal sealed class InFlightRecord
{
    private readonly ProducerSession _session;

    public InFlightRecord(ProducerSession session)
    {
        _session = session;
        Handler = OnDelivered;
    }

    public Action<DeliveryReport<byte[]?, byte[]?>> Handler { get; }
    public SourcePartition? Source { get; private set; }

    /// <summary>Its number in the source's <see cref="Cursors.CursorTracker"/>.</summary>
    public long Number { get; private set; }

    /// <summary>Local offset; -1 for a gap record.</summary>
    public long Offset { get; private set; }

    public int Bytes { get; private set; }
    public SentAs Kind { get; private set; }

    public void Set(SourcePartition source, long number, long offset, int bytes, SentAs kind) =>
        (Source, Number, Offset, Bytes, Kind) = (source, number, offset, bytes, kind);

    /// <summary>On the client's poll thread: quick, no blocking, no throwing.</summary>
    private void OnDelivered(DeliveryReport<byte[]?, byte[]?> report) => _session.Complete(this, report.Error, report.Offset.Value);
}

/// <summary>What a message to the centre stands for.</summary>
internal enum SentAs : byte { Record, Pointer, Gap }
