using System.Buffers.Binary;
using System.Text;
using System.Text.Json;

namespace Edge.Mqtt.Tests.Sequences;

/// <summary>One step of a sequence.</summary>
internal sealed record SequenceStep(string Type, byte[] Payload, string Topic, int Qos, string Text, bool Retain);

/// <summary>One packet sequence of mosquitto's data files. Format: the README beside them.</summary>
internal sealed record PacketSequence(string Name, int Version, bool Connect, bool ExpectDisconnect, IReadOnlyList<SequenceStep> Steps)
{
    public static IEnumerable<PacketSequence> Load(string folder)
    {
        foreach (string file in Directory.GetFiles(folder, "*.json").Order(StringComparer.Ordinal))
        {
            using JsonDocument document = JsonDocument.Parse(File.ReadAllText(file));
            foreach (JsonElement group in document.RootElement.EnumerateArray())
            {
                foreach (JsonElement test in group.GetProperty("tests").EnumerateArray())
                {
                    if (Flag(group, test, "disable", false)) continue;
                    int version = test.TryGetProperty("ver", out JsonElement v) || group.TryGetProperty("ver", out v) ? v.GetInt32() : 4;
                    string name = $"{Path.GetFileNameWithoutExtension(file)}: {group.GetProperty("group").GetString()}: {test.GetProperty("name").GetString()}";
                    List<SequenceStep> steps = [];
                    if (test.TryGetProperty("msgs", out JsonElement messages))
                        foreach (JsonElement message in messages.EnumerateArray()) steps.Add(Step(message));
                    yield return new PacketSequence(name, version, Flag(group, test, "connect", true), Flag(group, test, "expect_disconnect", true), steps);
                }
            }
        }
    }

    private static bool Flag(JsonElement group, JsonElement test, string key, bool otherwise) =>
        test.TryGetProperty(key, out JsonElement value) || group.TryGetProperty(key, out value) ? value.GetBoolean() : otherwise;

    private static SequenceStep Step(JsonElement message)
    {
        string type = message.GetProperty("type").GetString()!, payload = message.TryGetProperty("payload", out JsonElement p) ? p.GetString()! : "";
        return new SequenceStep(
            type, type is "send" or "recv" ? Bytes(payload) : [], message.TryGetProperty("topic", out JsonElement topic) ? topic.GetString()! : "",
            message.TryGetProperty("qos", out JsonElement qos) ? qos.GetInt32() : 0, payload, message.TryGetProperty("retain", out JsonElement retain) && retain.GetBoolean());
    }

    /// <summary>Blank-separated tokens to bytes.</summary>
    private static byte[] Bytes(string text)
    {
        List<byte> bytes = [];
        int at = 0;
        while (at < text.Length)
        {
            if (text[at] == ' ') { at++; continue; }
            if (text[at] == '\'')
            {
                int close = text.IndexOf('\'', at + 1);
                bytes.AddRange(Encoding.UTF8.GetBytes(text[(at + 1)..close]));
                at = close + 1;
                continue;
            }
            int end = at;
            while (end < text.Length && text[end] != ' ' && text[end] != '\'') end++;
            Token(text[at..end], bytes);
            at = end;
        }
        return [.. bytes];
    }

    private static void Token(string token, List<byte> bytes)
    {
        if (!"rviHkmsL".Contains(token[0], StringComparison.Ordinal))
        {
            bytes.AddRange(Convert.FromHexString(token));
            return;
        }
        uint value = uint.Parse(token[1..], null);
        switch (token[0])
        {
            case 'r' or 'v':
                do
                {
                    byte b = (byte)(value & 0x7f);
                    value >>= 7;
                    bytes.Add((byte)(value > 0 ? b | 0x80 : b));
                }
                while (value > 0);
                break;
            case 'i':
                bytes.Add((byte)value);
                break;
            case 'L':
                byte[] four = new byte[4];
                BinaryPrimitives.WriteUInt32BigEndian(four, value);
                bytes.AddRange(four);
                break;
            default:
                bytes.AddRange([(byte)(value >> 8), (byte)value]);
                break;
        }
    }
}
