using System.Text;

namespace Edge.Ingest.Payloads;

/// <summary>Sparkplug B: bytes untouched, the edge node as key, so that births, data and deaths of a node and its devices stay in one order; the payload's time as timestamp.</summary>
/// <remarks>Topic: <c>spBv1.0/group/type/node[/device]</c>, or <c>spBv1.0/STATE/host</c>. Payload: Tahu's protobuf, of which the outermost fields are walked. Aliases are left as they are.</remarks>
internal sealed class SparkplugFormat : PayloadFormat
{
    private static readonly string[] NodeTypes = ["NBIRTH", "NDATA", "NDEATH", "NCMD"], DeviceTypes = ["DBIRTH", "DDATA", "DDEATH", "DCMD"];

    public override bool NamesKeys => true;

    public override string? TrySplit(string mqttTopic, ReadOnlySpan<byte> payload, long nowMs, List<PayloadRecord> records)
    {
        string[] levels = mqttTopic.Split('/');
        if (levels[0] != "spBv1.0" || levels.Length < 3) return "not a Sparkplug B topic";
        if (levels[1] == "STATE" && levels.Length == 3)
        {
            records.Add(new PayloadRecord(Encoding.UTF8.GetBytes($"STATE/{levels[2]}"), null, payload.ToArray()));
            return null;
        }
        bool isNode = levels.Length == 4 && NodeTypes.Contains(levels[2]), isDevice = levels.Length == 5 && DeviceTypes.Contains(levels[2]);
        if (!isNode && !isDevice) return "not a Sparkplug B topic";
        if (!TryWalk(payload, out long? timestampMs)) return "not a Sparkplug B payload";
        records.Add(new PayloadRecord(Encoding.UTF8.GetBytes($"{levels[1]}/{levels[3]}"), timestampMs, payload.ToArray()));
        return null;
    }

    /// <summary>The outermost fields: 1 timestamp, 2 metrics, 3 sequence, 4 uuid, 5 body; others are extensions.</summary>
    private static bool TryWalk(ReadOnlySpan<byte> payload, out long? timestampMs)
    {
        timestampMs = null;
        while (!payload.IsEmpty)
        {
            if (!TryTake(ref payload, out ulong tag) || tag >> 3 == 0) return false;
            ulong field = tag >> 3;
            int wire = (int)(tag & 7), expected = field switch { 1 or 3 => 0, 2 or 4 or 5 => 2, _ => wire };
            if (wire != expected) return false;
            switch (wire)
            {
                case 0:
                    if (!TryTake(ref payload, out ulong number)) return false;
                    if (field == 1 && number <= 253_402_300_799_999) timestampMs = (long)number;
                    break;
                case 1 or 5:
                    int width = wire == 1 ? 8 : 4;
                    if (payload.Length < width) return false;
                    payload = payload[width..];
                    break;
                case 2:
                    if (!TryTake(ref payload, out ulong length) || length > (ulong)payload.Length) return false;
                    payload = payload[(int)length..];
                    break;
                default: return false;
            }
        }
        return true;
    }

    private static bool TryTake(ref ReadOnlySpan<byte> bytes, out ulong value)
    {
        value = 0;
        for (int i = 0; i < 10 && i < bytes.Length; i++)
        {
            value |= (ulong)(bytes[i] & 0x7f) << (7 * i);
            if (bytes[i] >= 0x80) continue;
            bytes = bytes[(i + 1)..];
            return true;
        }
        return false;
    }
}
