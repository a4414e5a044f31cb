using System.Buffers;
using Edge.Mqtt.Protocol;

namespace Edge.Mqtt.Publishing;

internal enum FrameStatus : byte { Packet, NeedMore, Malformed, TooLarge }

/// <summary>Cuts a stretch of a network pipe into packets, in place. Only a packet that crosses two buffers is copied.</summary>
internal ref struct PacketCursor
{
    private readonly ReadOnlySequence<byte> _sequence;
    private readonly int _maxPacketBytes;
    private SequencePosition _next;
    private ReadOnlySpan<byte> _span;
    private byte[]? _scratch;
    private int _packetBytes;

    public PacketCursor(in ReadOnlySequence<byte> sequence, int maxPacketBytes)
    {
        _sequence = sequence;
        _maxPacketBytes = maxPacketBytes;
        _next = sequence.Start;
        MoveToNextBuffer();
    }

    /// <summary>Bytes of accepted packets.</summary>
    public long Consumed { get; private set; }

    public byte First { get; private set; }
    public readonly PacketType Type => (PacketType)(First >> 4);
    public readonly byte Flags => (byte)(First & 0x0f);

    /// <summary>Everything after the fixed header; valid until the next call of <see cref="Read"/>.</summary>
    public ReadOnlySpan<byte> Body { get; private set; }

    /// <summary>Finds the next packet without taking it: <see cref="Accept"/> does, and without that the same packet is found again.</summary>
    public FrameStatus Read()
    {
        ReadOnlySpan<byte> span = _span;
        if (span.Length >= 2)
        {
            int length = span[1], prefix = 2;
            if (length >= 0x80)
            {
                int read = VariableInteger.Read(span[1..], out length);
                if (read < 0) return FrameStatus.Malformed;
                if (read == 0) return ReadAcross();
                prefix = 1 + read;
            }
            if (length > _maxPacketBytes - prefix) { First = span[0]; return FrameStatus.TooLarge; }
            if (length <= span.Length - prefix)
            {
                First = span[0];
                Body = span.Slice(prefix, length);
                _packetBytes = prefix + length;
                return FrameStatus.Packet;
            }
        }
        return ReadAcross();
    }

    /// <summary>Takes the packet that <see cref="Read"/> found.</summary>
    public void Accept()
    {
        Consumed += _packetBytes;
        if (_packetBytes < _span.Length)
        {
            _span = _span[_packetBytes..];
            return;
        }
        int left = _packetBytes - _span.Length;
        MoveToNextBuffer();
        while (left > 0 && left >= _span.Length)
        {
            left -= _span.Length;
            MoveToNextBuffer();
        }
        if (left > 0) _span = _span[left..];
    }

    public void Dispose()
    {
        if (_scratch is { } scratch) ArrayPool<byte>.Shared.Return(scratch);
        _scratch = null;
    }

    private void MoveToNextBuffer()
    {
        _span = default;
        while (_sequence.TryGet(ref _next, out ReadOnlyMemory<byte> memory))
        {
            if (memory.IsEmpty) continue;
            _span = memory.Span;
            return;
        }
    }

    private FrameStatus ReadAcross()
    {
        ReadOnlySequence<byte> left = _sequence.Slice(Consumed);
        Span<byte> head = stackalloc byte[1 + VariableInteger.MaxBytes];
        head = head[..(int)Math.Min(head.Length, left.Length)];
        left.Slice(0, head.Length).CopyTo(head);
        if (head.Length < 2) return FrameStatus.NeedMore;
        int read = VariableInteger.Read(head[1..], out int length);
        if (read < 0) return FrameStatus.Malformed;
        if (read == 0) return FrameStatus.NeedMore;
        First = head[0];
        if (length > _maxPacketBytes - 1 - read) return FrameStatus.TooLarge;
        int total = 1 + read + length;
        if (left.Length < total) return FrameStatus.NeedMore;
        if (_scratch is null || _scratch.Length < length)
        {
            Dispose();
            _scratch = ArrayPool<byte>.Shared.Rent(Math.Max(length, 1));
        }
        left.Slice(1 + read, length).CopyTo(_scratch);
        Body = _scratch.AsSpan(0, length);
        _packetBytes = total;
        return FrameStatus.Packet;
    }
}
