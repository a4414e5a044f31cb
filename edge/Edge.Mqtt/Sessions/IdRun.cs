using System.Buffers.Binary;
using Edge.Ingest;

namespace Edge.Mqtt.Sessions;

/// <summary>The unreleased QoS 2 packet ids of one client that were stored in one commit group: one value of the table <c>__mqtt_sessions</c>.</summary>
/// <remarks>
/// Ids of two groups never share a value: were the first refused and the second written, an id would count as received whose record is not there.
/// Guarded by <see cref="ReceivedIds"/>.
/// </remarks>
internal sealed class IdRun(ReceivedIds owner, byte[] key, long group) : ILateValue
{
    public byte[] Key { get; } = key;

    /// <summary>Group that stored the ids; -1: an earlier boot's.</summary>
    public long Group { get; } = group;

    /// <summary>Group that has a put of this value.</summary>
    public long PutGroup { get; set; } = -1;

    public List<ushort> Ids { get; } = [];

    public ReadOnlyMemory<byte>? Settle() => owner.Settle(this);

    public byte[]? Encode()
    {
        if (Ids.Count == 0) return null;
        byte[] value = new byte[Ids.Count * 2];
        for (int i = 0; i < Ids.Count; i++) BinaryPrimitives.WriteUInt16BigEndian(value.AsSpan(i * 2), Ids[i]);
        return value;
    }

    public void Decode(ReadOnlySpan<byte> value)
    {
        for (int at = 0; at + 2 <= value.Length; at += 2) Ids.Add(BinaryPrimitives.ReadUInt16BigEndian(value[at..]));
    }
}
