using System.Text;

namespace Edge.Log.Records;

/// <summary>Encodes record headers to the form a batch holds them in, without the leading count.</summary>
public static class RecordHeaders
{
    public static byte[] Encode(IReadOnlyList<RecordHeader> headers)
    {
        int size = 0;
        foreach (RecordHeader header in headers) size += SizeOf(Encoding.UTF8.GetByteCount(header.Name), header.Value?.Length ?? -1);
        byte[] encoded = new byte[size];
        int at = 0;
        foreach (RecordHeader header in headers) at += Write(encoded.AsSpan(at), Encoding.UTF8.GetBytes(header.Name), header.Value, header.Value is not null);
        return encoded;
    }

    /// <summary>Bytes one header takes. <paramref name="valueBytes"/> is -1 for null.</summary>
    public static int SizeOf(int nameBytes, int valueBytes) => Varint.SizeOf(nameBytes) + nameBytes + Varint.SizeOf(valueBytes) + Math.Max(0, valueBytes);

    /// <summary>Writes one header; returns the bytes written.</summary>
    public static int Write(Span<byte> destination, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, bool hasValue = true)
    {
        int at = Varint.Write(destination, name.Length);
        name.CopyTo(destination[at..]);
        at += name.Length;
        at += Varint.Write(destination[at..], hasValue ? value.Length : -1);
        value.CopyTo(destination[at..]);
        return at + value.Length;
    }
}
