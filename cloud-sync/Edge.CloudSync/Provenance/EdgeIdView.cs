using System.Buffers.Text;

namespace Edge.CloudSync.Provenance;

/// <summary>The parts of an <c>edge.id</c> or of one entry of <c>edge.hop</c>; the spans point into the parsed bytes.</summary>
/// <remarks>Form: UTF-8 <c>device/log/topic/partition/offset/previous</c>. No part can hold a slash: see CONTRACT of device ids and Kafka's topic names.</remarks>
public readonly ref struct EdgeIdView
{
    /// <summary>Header of every forwarded record; set by the first appliance, never overwritten.</summary>
    public const string HeaderName = "edge.id";

    /// <summary>Header to which each further appliance appends its own position, comma-separated.</summary>
    public const string HopHeaderName = "edge.hop";

    public ReadOnlySpan<byte> Device { get; private init; }

    /// <summary>Lineage of the journal, 8 hex digits.</summary>
    public ReadOnlySpan<byte> Log { get; private init; }

    public ReadOnlySpan<byte> Topic { get; private init; }

    /// <summary>Device, log, topic and partition as they stand: the name of the chain this record belongs to.</summary>
    public ReadOnlySpan<byte> Chain { get; private init; }

    public int Partition { get; private init; }
    public long Offset { get; private init; }

    /// <summary>Offset sent before this one from that partition; -1 at the start of a chain.</summary>
    public long Previous { get; private init; }

    /// <summary>Parses in place. Allocates nothing; safe on untrusted bytes.</summary>
    public static bool TryParse(ReadOnlySpan<byte> text, out EdgeIdView id)
    {
        id = default;
        if (!TryTake(text, 0, out int deviceEnd) || !TryTake(text, deviceEnd + 1, out int logEnd) || !TryTake(text, logEnd + 1, out int topicEnd)) return false;
        if (!TryTake(text, topicEnd + 1, out int partitionEnd) || !TryTake(text, partitionEnd + 1, out int offsetEnd)) return false;
        if (!TryNumber(text[(topicEnd + 1)..partitionEnd], out long partition) || partition is < 0 or > int.MaxValue) return false;
        if (!TryNumber(text[(partitionEnd + 1)..offsetEnd], out long offset) || offset < 0) return false;
        if (!TryNumber(text[(offsetEnd + 1)..], out long previous) || previous < -1 || previous >= offset) return false;
        id = new EdgeIdView
        {
            Device = text[..deviceEnd],
            Log = text[(deviceEnd + 1)..logEnd],
            Topic = text[(logEnd + 1)..topicEnd],
            Chain = text[..partitionEnd],
            Partition = (int)partition,
            Offset = offset,
            Previous = previous,
        };
        return true;
    }

    private static bool TryTake(ReadOnlySpan<byte> text, int from, out int end)
    {
        int length = from < text.Length ? text[from..].IndexOf((byte)'/') : -1;
        end = from + length;
        return length > 0;
    }

    private static bool TryNumber(ReadOnlySpan<byte> digits, out long value) =>
        Utf8Parser.TryParse(digits, out value, out int consumed) && consumed == digits.Length;
}
