using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using Edge.Kafka.Protocol;

namespace Edge.Kafka.Server;

internal sealed partial class KafkaConnection
{
    /// <summary>What a frame may claim of the budget before its bytes have arrived.</summary>
    private const int ReserveStepBytes = 64 << 10;

    /// <summary>Largest request of who has not logged in and must.</summary>
    private const int MaxLogInBytes = 16 << 10;

    private sealed record Frame(byte[] Buffer, int Length, int BudgetBytes, int ConnectionBytes)
    {
        public void Release(KafkaConnection owner)
        {
            ArrayPool<byte>.Shared.Return(Buffer);
            owner._server.Broker.Budget.Return(BudgetBytes);
            owner._ownBudget.Return(ConnectionBytes);
        }
    }

    /// <summary>Next whole frame, copied out of the pipe. Null: the peer closed between two frames.</summary>
    private async ValueTask<Frame?> ReadFrameAsync()
    {
        int length = await ReadLengthAsync().ConfigureAwait(false);
        if (length < 0) return null;
        int own = await _ownBudget.TakeAsync(length, _reading.Token).ConfigureAwait(false);
        int reserved = 0, received = 0;
        byte[] buffer = [];
        try
        {
            while (received < length)
            {
                // Memory is claimed as bytes arrive, never for a length that is only announced.
                if (received == reserved)
                {
                    int step = Math.Min(length - reserved, Math.Max(ReserveStepBytes, reserved));
                    reserved += await _server.Broker.Budget.TakeAsync(step, _reading.Token).ConfigureAwait(false);
                    buffer = Grow(buffer, received, reserved);
                    BeginTransfer(length);
                }
                ReadResult result = await _context.Transport.Input.ReadAsync(_reading.Token).ConfigureAwait(false);
                ReadOnlySequence<byte> part = result.Buffer.Slice(0, Math.Min(result.Buffer.Length, reserved - received));
                part.CopyTo(buffer.AsSpan(received));
                received += (int)part.Length;
                _context.Transport.Input.AdvanceTo(part.End);
                if (result.IsCompleted && received < length && part.IsEmpty) throw new KafkaProtocolException($"the connection ended {length - received} bytes before the end of a request");
            }
            EndTransfer();
            var frame = new Frame(buffer, length, reserved, own);
            (buffer, reserved, own) = ([], 0, 0);
            return frame;
        }
        finally
        {
            if (buffer.Length > 0) ArrayPool<byte>.Shared.Return(buffer);
            _server.Broker.Budget.Return(reserved);
            _ownBudget.Return(own);
        }
    }

    private async ValueTask<int> ReadLengthAsync()
    {
        PipeReader input = _context.Transport.Input;
        while (true)
        {
            ReadResult result = await input.ReadAsync(_reading.Token).ConfigureAwait(false);
            if (result.Buffer.Length >= 4)
            {
                int length = CheckLength(result.Buffer);
                input.AdvanceTo(result.Buffer.GetPosition(4));
                return length;
            }
            if (result.IsCompleted) return -1;
            input.AdvanceTo(result.Buffer.Start, result.Buffer.End);
        }
    }

    private int CheckLength(in ReadOnlySequence<byte> buffer)
    {
        Span<byte> first = stackalloc byte[4];
        buffer.Slice(0, 4).CopyTo(first);
        int length = BinaryPrimitives.ReadInt32BigEndian(first);
        int max = _server.Broker.Options.MaxRequestBytes;
        if (length < (_session.IsSaslRaw ? 0 : RequestHeader.FixedBytes) || length > (_session.IsOpen ? max : Math.Min(max, MaxLogInBytes))) throw new KafkaProtocolException(ForeignProtocol.Describe(first, length, max));
        return length;
    }

    private static byte[] Grow(byte[] buffer, int used, int size)
    {
        if (buffer.Length >= size) return buffer;
        byte[] larger = ArrayPool<byte>.Shared.Rent(size);
        buffer.AsSpan(0, used).CopyTo(larger);
        if (buffer.Length > 0) ArrayPool<byte>.Shared.Return(buffer);
        return larger;
    }
}
