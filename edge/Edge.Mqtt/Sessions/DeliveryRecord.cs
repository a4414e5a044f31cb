using System.Text;
using Edge.Mqtt.Protocol;

namespace Edge.Mqtt.Sessions;

/// <summary>How far a session got: its position in the journal and what is under way before it.</summary>
/// <remarks>
/// Exact as of the moment it was taken. Written before a QoS 2 message and before its PUBREL go out, and lazily for QoS 1: what was sent after the last one is sent again
/// after a crash. Of a message only its place is kept; of a retained one its topic.
/// </remarks>
internal sealed record DeliveryRecord(JournalPosition Next, ushort LastPacketId, IReadOnlyList<InFlight> InFlight)
{
    private const byte FormatVersion = 1;

    public byte[] Encode()
    {
        StateWriter value = new StateWriter().Byte(FormatVersion).Int64(Next.Sequence).UInt32((uint)Next.RecordIndex).UInt16(LastPacketId).UInt32((uint)InFlight.Count);
        foreach (InFlight entry in InFlight)
        {
            string text = entry.Retained?.TopicText ?? entry.RetainedTopic ?? entry.ReplayPrefix ?? "";
            bool retained = entry.Retained is not null || entry.RetainedTopic is not null;
            value.UInt16(entry.PacketId).Byte((int)entry.State).Byte(entry.Qos | (entry.Retain ? 4 : 0) | (retained ? 8 : 0))
                .Int64(entry.Sequence).UInt32((uint)entry.RecordIndex).Text(text).Byte(entry.Identifiers.Length);
            foreach (int identifier in entry.Identifiers) value.UInt32((uint)identifier);
        }
        return value.ToArray();
    }

    /// <summary>Null when the value is not of a known version or does not hold what it says.</summary>
    public static DeliveryRecord? TryDecode(ReadOnlySpan<byte> value)
    {
        BodyReader reader = new(value);
        if (!reader.TryTakeByte(out byte version) || version != FormatVersion || !SessionRecord.TryTakeInt64(ref reader, out long sequence) || !reader.TryTakeUInt32(out uint index)
            || !reader.TryTakeUInt16(out ushort last) || !reader.TryTakeUInt32(out uint count)) return null;
        List<InFlight> entries = [];
        for (uint i = 0; i < count; i++)
        {
            if (!reader.TryTakeUInt16(out ushort id) || !reader.TryTakeByte(out byte state) || state > (byte)InFlightState.AwaitsPubComp || !reader.TryTakeByte(out byte flags)
                || !SessionRecord.TryTakeInt64(ref reader, out long at) || !reader.TryTakeUInt32(out uint record) || !reader.TryTakeBinary(out ReadOnlySpan<byte> utf8)
                || !reader.TryTakeByte(out byte identifierCount)) return null;
            int[] identifiers = new int[identifierCount];
            for (int k = 0; k < identifiers.Length; k++)
            {
                if (!reader.TryTakeUInt32(out uint identifier)) return null;
                identifiers[k] = (int)identifier;
            }
            string? text = utf8.IsEmpty ? null : Encoding.UTF8.GetString(utf8);
            bool retained = (flags & 8) != 0;
            entries.Add(new InFlight(id, i, (InFlightState)state, (byte)(flags & 3), (flags & 4) != 0, at, (int)record, null, identifiers, retained ? text : null, retained ? null : text));
        }
        return new DeliveryRecord(new JournalPosition(sequence, (int)index), last, entries);
    }
}
