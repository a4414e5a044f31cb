using Confluent.Kafka;

namespace Edge.CloudSync.Forwarding;

/// <summary>Where a transaction's reports of one source (or of its cursors, or gap records) come together: one delegate for all of them, nothing allocated per record.</summary>
internal sealed class DeliverySlot
{
    private readonly TransactionSession _session;
    private long[] _last = []; // highest offset reported per central partition; touched by the poll thread alone

    public DeliverySlot(TransactionSession session, SourcePartition? source)
    {
        (_session, Source) = (session, source);
        Handler = OnDelivered;
    }

    /// <summary>Null for cursors and the device record.</summary>
    public SourcePartition? Source { get; }

    public Action<DeliveryReport<byte[]?, byte[]?>> Handler { get; }

    /// <summary>On the client's poll thread: quick, no blocking, no throwing.</summary>
    private void OnDelivered(DeliveryReport<byte[]?, byte[]?> report)
    {
        long offset = report.Offset.Value;
        bool isInOrder = true;
        if (!report.Error.IsError && offset >= 0)
        {
            int partition = report.Partition.Value;
            if (partition >= _last.Length)
            {
                int known = _last.Length;
                Array.Resize(ref _last, partition + 8);
                Array.Fill(_last, -1, known, _last.Length - known);
            }
            isInOrder = offset > _last[partition];
            _last[partition] = offset;
        }
        _session.Complete(this, report.Error, offset, isInOrder);
    }
}
