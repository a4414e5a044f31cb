using System.Text;
using Confluent.Kafka;
using Edge.CloudSync.Provenance;
using Edge.Log.Records;

namespace Edge.CloudSync.Forwarding;

/// <summary>Turns a stored record into the message for the centre: key by template, headers with provenance, value and timestamp untouched.</summary>
/// <remarks>Owned by the forwarder loop. What it returns is valid until the next call; the client has copied it by then.</remarks>
internal sealed class RecordMapper(string device)
{
    private const string MqttTopicHeader = "mqtt.topic";
    private const int MaxKnownNames = 256;

    private readonly ExactArrays _keys = new(), _values = new(), _ids = new(), _mqttTopics = new();
    public byte[] Device { get; } = Encoding.UTF8.GetBytes(device);
    private readonly List<(byte[] Utf8, string Text)> _names = [];
    private readonly byte[][] _oneByteValues = [.. Enumerable.Range(0, 256).Select(value => new[] { (byte)value })];

    /// <summary>Key at the centre; null only for a record that came with an <c>edge.id</c> and no key.</summary>
    public byte[]? MapKey(SourcePartition source, in RecordView record, bool hasEdgeId)
    {
        if (hasEdgeId) return record.HasKey ? _keys.Copy(record.Key) : null;
        if (!record.HasKey) return Device;
        byte[][] pieces = source.KeyPieces;
        if (pieces.Length == 1) return pieces[0];
        int size = record.Key.Length * (pieces.Length - 1);
        foreach (byte[] piece in pieces) size += piece.Length;
        byte[] key = _keys.Take(size);
        int at = 0;
        for (int i = 0; i < pieces.Length; i++)
        {
            if (i > 0)
            {
                record.Key.CopyTo(key.AsSpan(at));
                at += record.Key.Length;
            }
            pieces[i].CopyTo(key, at);
            at += pieces[i].Length;
        }
        return key;
    }

    public byte[]? MapValue(in RecordView record) => record.HasValue ? _values.Copy(record.Value) : null;

    /// <summary>The headers for the centre and how many bytes they take.</summary>
    /// <param name="previous">Offset sent before this record from its partition.</param>
    public Headers MapHeaders(SourcePartition source, in RecordView record, long previous, bool hasEdgeId, out int bytes)
    {
        var headers = new Headers();
        ReadOnlySpan<byte> position = source.Id.Format(record.Offset, previous);
        bool isMqttBorn = false, hasMqttTopic = false, hasHop = false;
        bytes = 0;
        RecordHeaderEnumerator stored = record.Headers;
        while (stored.MoveNext())
        {
            ReadOnlySpan<byte> name = stored.Current.Name;
            byte[]? value = stored.Current.HasValue ? CopyValue(stored.Current.Value) : null;
            if (name.SequenceEqual("mqtt.qos"u8)) isMqttBorn = true;
            else if (name.SequenceEqual("mqtt.topic"u8)) hasMqttTopic = true;
            else if (hasEdgeId && !hasHop && name.SequenceEqual("edge.hop"u8))
            {
                hasHop = true;
                value = Append(value, position);
            }
            headers.Add(NameOf(name), value);
            bytes += name.Length + (value?.Length ?? 0) + 4;
        }
        if (isMqttBorn && !hasMqttTopic && record.HasKey) bytes += Add(headers, MqttTopicHeader, _mqttTopics.Copy(record.Key)); // stored only where the key is not the topic
        if (!hasEdgeId) bytes += Add(headers, EdgeIdView.HeaderName, _ids.Copy(position));
        else if (!hasHop) bytes += Add(headers, EdgeIdView.HopHeaderName, _ids.Copy(position));
        return headers;
    }

    private static int Add(Headers headers, string name, byte[] value)
    {
        headers.Add(name, value);
        return name.Length + value.Length + 4;
    }

    private byte[] CopyValue(ReadOnlySpan<byte> value) => value.Length == 1 ? _oneByteValues[value[0]] : value.ToArray();

    private static byte[] Append(byte[]? hops, ReadOnlySpan<byte> position)
    {
        if (hops is null || hops.Length == 0) return position.ToArray();
        byte[] longer = new byte[hops.Length + 1 + position.Length];
        hops.CopyTo(longer, 0);
        longer[hops.Length] = (byte)',';
        position.CopyTo(longer.AsSpan(hops.Length + 1));
        return longer;
    }

    /// <summary>Header names repeat: the text of the first ones is kept.</summary>
    private string NameOf(ReadOnlySpan<byte> utf8)
    {
        foreach ((byte[] known, string text) in _names)
            if (utf8.SequenceEqual(known)) return text;
        string name = Encoding.UTF8.GetString(utf8);
        if (_names.Count < MaxKnownNames) _names.Add((utf8.ToArray(), name));
        return name;
    }
}
