using System.Buffers.Binary;
using System.Text;
using System.Text.Unicode;

namespace Edge.Kafka.Protocol;

/// <summary>Reads the primitive types of a Kafka request from one contiguous frame. Safe on untrusted bytes.</summary>
/// <remarks>
/// Every length is checked against what is left before anything is allocated, and the elements of all arrays of one request are counted, so that a frame of n
/// bytes cannot make the parser allocate more than a small multiple of n. Source: Kafka protocol guide, "Protocol Primitive Types"; KIP-482 for the compact forms.
/// </remarks>
internal ref struct KafkaReader
{
    /// <summary>Most array elements one request may hold, over all its arrays.</summary>
    public const int MaxElements = 100_000;

    private readonly ReadOnlySpan<byte> _source;
    private int _elements;

    public KafkaReader(ReadOnlySpan<byte> source, bool flexible = false)
    {
        _source = source;
        Flexible = flexible;
    }

    /// <summary>True: strings, arrays and bytes have their compact forms and structures end with tagged fields.</summary>
    public bool Flexible { get; set; }

    /// <summary>Index of the next byte.</summary>
    public int Position { get; private set; }

    public readonly int BytesLeft => _source.Length - Position;

    public sbyte ReadInt8() => (sbyte)Take(1)[0];

    public bool ReadBool() => Take(1)[0] != 0;

    public short ReadInt16() => BinaryPrimitives.ReadInt16BigEndian(Take(2));

    public int ReadInt32() => BinaryPrimitives.ReadInt32BigEndian(Take(4));

    public long ReadInt64() => BinaryPrimitives.ReadInt64BigEndian(Take(8));

    public Guid ReadUuid() => new(Take(16), bigEndian: true);

    public uint ReadUVarint()
    {
        uint value = 0;
        for (int shift = 0; shift < 35; shift += 7)
        {
            byte b = Take(1)[0];
            if (shift == 28 && b > 0x0f) break;
            value |= (uint)(b & 0x7f) << shift;
            if (b < 0x80) return value;
        }
        throw new KafkaProtocolException("a variable-length number is longer than 32 bits");
    }

    public string ReadString() => ReadNullableString() ?? throw new KafkaProtocolException("a string that must be there is null");

    public string? ReadNullableString()
    {
        int length = ReadLength(isString: true);
        if (length < 0) return null;
        ReadOnlySpan<byte> utf8 = Take(length);
        if (!Utf8.IsValid(utf8)) throw new KafkaProtocolException("a string is not valid UTF-8");
        return Encoding.UTF8.GetString(utf8);
    }

    public byte[] ReadBytes()
    {
        int length = ReadLength(isString: false);
        return length < 0 ? throw new KafkaProtocolException("a byte field that must be there is null") : Take(length).ToArray();
    }

    /// <summary>Steps over a nullable byte field and says where it is, so that large fields are not copied.</summary>
    /// <returns>Position and length in the frame; length -1 when null.</returns>
    public (int Start, int Length) SkipNullableBytes()
    {
        int length = ReadLength(isString: false);
        int start = Position;
        if (length > 0) Take(length);
        return (start, length);
    }

    /// <summary>Number of elements of an array.</summary>
    /// <param name="minElementBytes">What one element takes at the least; bounds the count before a list is made.</param>
    /// <returns>-1 when the array is null.</returns>
    public int ReadNullableArrayLength(int minElementBytes)
    {
        long count = Flexible ? (long)ReadUVarint() - 1 : ReadInt32();
        if (count < -1) throw new KafkaProtocolException($"an array has {count} elements");
        if (count * minElementBytes > BytesLeft) throw new KafkaProtocolException($"an array of {count} elements does not fit in the {BytesLeft} bytes left");
        if (count > 0 && (_elements += (int)count) > MaxElements) throw new KafkaProtocolException($"the request has more than {MaxElements} array elements");
        return (int)count;
    }

    /// <summary>As <see cref="ReadNullableArrayLength"/> with null read as empty.</summary>
    public int ReadArrayLength(int minElementBytes) => Math.Max(0, ReadNullableArrayLength(minElementBytes));

    public List<int> ReadInt32Array()
    {
        int count = ReadArrayLength(4);
        var list = new List<int>(count);
        for (int i = 0; i < count; i++) list.Add(ReadInt32());
        return list;
    }

    public List<string> ReadStringArray()
    {
        int count = ReadArrayLength(1);
        var list = new List<string>(count);
        for (int i = 0; i < count; i++) list.Add(ReadString());
        return list;
    }

    /// <summary>Steps over the tagged fields at the end of a structure; nothing when the version is not flexible.</summary>
    public void SkipTags()
    {
        if (!Flexible) return;
        uint count = ReadUVarint();
        if (count > (uint)BytesLeft) throw new KafkaProtocolException($"{count} tagged fields do not fit in the {BytesLeft} bytes left");
        for (uint i = 0; i < count; i++)
        {
            ReadUVarint();
            uint size = ReadUVarint();
            if (size > (uint)BytesLeft) throw new KafkaProtocolException($"a tagged field of {size} bytes does not fit in the {BytesLeft} bytes left");
            Take((int)size);
        }
    }

    private int ReadLength(bool isString)
    {
        long length = Flexible ? (long)ReadUVarint() - 1 : isString ? ReadInt16() : ReadInt32();
        if (length < -1) throw new KafkaProtocolException($"a field has length {length}");
        if (length > BytesLeft) throw new KafkaProtocolException($"a field of {length} bytes does not fit in the {BytesLeft} bytes left");
        if (isString && length > short.MaxValue) throw new KafkaProtocolException($"a string has {length} bytes; at most {short.MaxValue} are allowed");
        return (int)length;
    }

    private ReadOnlySpan<byte> Take(int count)
    {
        if (count > BytesLeft) throw new KafkaProtocolException($"the request ends early: {count} bytes wanted, {BytesLeft} left");
        ReadOnlySpan<byte> taken = _source.Slice(Position, count);
        Position += count;
        return taken;
    }
}
