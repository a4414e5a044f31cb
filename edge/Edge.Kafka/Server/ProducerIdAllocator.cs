using System.Buffers.Binary;
using Edge.Log;
using Edge.Log.Commit;
using Edge.Log.Topics;

namespace Edge.Kafka.Server;

/// <summary>Hands out producer ids that never repeat, over restarts too.</summary>
/// <remarks>A block is reserved durably before its first id is given out; what a crash leaves unused of a block is lost, which costs nothing of 2^63.</remarks>
internal sealed class ProducerIdAllocator(Journal journal) : IDisposable
{
    private const int BlockSize = 1000;
    private const string NextKey = "next";
    private readonly SemaphoreSlim _gate = new(1, 1);
    private long _next, _end;

    /// <returns>-1 when the journal could not make the block durable.</returns>
    public async ValueTask<long> NextAsync(CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_next >= _end)
            {
                KeyedTable table = journal.GetTable("__producers");
                long start = table.TryGet(NextKey, out ReadOnlyMemory<byte> stored) && stored.Length >= 8 ? BinaryPrimitives.ReadInt64BigEndian(stored.Span) : 1;
                byte[] value = new byte[8];
                BinaryPrimitives.WriteInt64BigEndian(value, start + BlockSize);
                CommitOutcome outcome = await table.PutAsync(NextKey, value).ConfigureAwait(false);
                if (!outcome.IsDurable) return -1;
                (_next, _end) = (start, start + BlockSize);
            }
            return _next++;
        }
        finally
        {
            _gate.Release();
        }
    }

    public void Dispose() => _gate.Dispose();
}
