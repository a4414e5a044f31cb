using System.Buffers.Text;
using System.Text;

namespace Edge.CloudSync.Provenance;

/// <summary>Writes the positions of one local partition in the form of <c>edge.id</c>. Not thread-safe: it formats into a buffer of its own.</summary>
public sealed class EdgeIdWriter
{
    private const int MaxNumberBytes = 20; // of a 64-bit number with its sign
    private readonly byte[] _buffer;
    private readonly int _prefixBytes;

    public EdgeIdWriter(string device, string log, string topic, int partition)
    {
        byte[] prefix = Encoding.UTF8.GetBytes($"{device}/{log}/{topic}/{partition}/");
        _prefixBytes = prefix.Length;
        _buffer = new byte[prefix.Length + (2 * MaxNumberBytes) + 1];
        prefix.CopyTo(_buffer, 0);
    }

    /// <summary>Formats one position. The span is valid until the next call.</summary>
    /// <param name="previous">Offset sent before it, -1 at the start of the chain.</param>
    public ReadOnlySpan<byte> Format(long offset, long previous)
    {
        int at = _prefixBytes;
        Utf8Formatter.TryFormat(offset, _buffer.AsSpan(at), out int written);
        at += written;
        _buffer[at++] = (byte)'/';
        Utf8Formatter.TryFormat(previous, _buffer.AsSpan(at), out written);
        return _buffer.AsSpan(0, at + written);
    }
}
