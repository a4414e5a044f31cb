using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Edge.Ingest.Payloads;

/// <summary>SenML in JSON (RFC 8428): each record of a pack becomes a record with its name as key, its time as timestamp and itself, resolved, as value.</summary>
internal sealed class SenMlFormat : PayloadFormat
{
    // Times below it are relative to now: RFC 8428, 4.5.3.
    private const double FirstAbsoluteSeconds = 1 << 28;
    private const int Version = 10;

    public override bool NamesKeys => true;

    public override string? TrySplit(string mqttTopic, ReadOnlySpan<byte> payload, long nowMs, List<PayloadRecord> records)
    {
        JsonDocument pack;
        try { pack = JsonDocument.Parse(payload.ToArray()); }
        catch (JsonException) { return "not JSON"; }
        using (pack)
        {
            if (pack.RootElement.ValueKind != JsonValueKind.Array) return "a SenML pack is an array";
            Base known = new("", 0, "", 0, 0);
            foreach (JsonElement entry in pack.RootElement.EnumerateArray())
            {
                if (records.Count == MaxRecords) return string.Create(CultureInfo.InvariantCulture, $"more than {MaxRecords} records");
                if (Resolve(entry, ref known, nowMs, records) is { } reason) return reason;
            }
        }
        return records.Count > 0 ? null : "an empty pack";
    }

    private readonly record struct Base(string Name, double Time, string Unit, double Value, double Sum);

    private static string? Resolve(JsonElement entry, ref Base known, long nowMs, List<PayloadRecord> records)
    {
        if (entry.ValueKind != JsonValueKind.Object) return "a SenML record is an object";
        string name = "", unit = "";
        double time = 0;
        JsonElement? value = null, sum = null;
        string valueField = "";
        foreach (JsonProperty field in entry.EnumerateObject())
        {
            JsonElement v = field.Value;
            switch (field.Name)
            {
                case "bn" when v.ValueKind == JsonValueKind.String: known = known with { Name = v.GetString()! }; break;
                case "bt" when v.ValueKind == JsonValueKind.Number: known = known with { Time = v.GetDouble() }; break;
                case "bu" when v.ValueKind == JsonValueKind.String: known = known with { Unit = v.GetString()! }; break;
                case "bv" when v.ValueKind == JsonValueKind.Number: known = known with { Value = v.GetDouble() }; break;
                case "bs" when v.ValueKind == JsonValueKind.Number: known = known with { Sum = v.GetDouble() }; break;
                case "bver" when v.ValueKind == JsonValueKind.Number && v.GetDouble() is > 0 and <= Version: break;
                case "n" when v.ValueKind == JsonValueKind.String: name = v.GetString()!; break;
                case "u" when v.ValueKind == JsonValueKind.String: unit = v.GetString()!; break;
                case "t" when v.ValueKind == JsonValueKind.Number: time = v.GetDouble(); break;
                case "s" when v.ValueKind == JsonValueKind.Number: sum = v; break;
                case "ut" when v.ValueKind == JsonValueKind.Number: break;
                case "v" when v.ValueKind == JsonValueKind.Number:
                case "vs" or "vd" when v.ValueKind == JsonValueKind.String:
                case "vb" when v.ValueKind is JsonValueKind.True or JsonValueKind.False:
                    if (value is not null) return "a record with two values";
                    (value, valueField) = (v, field.Name);
                    break;
                case "bn" or "bt" or "bu" or "bv" or "bs" or "bver" or "n" or "u" or "t" or "s" or "ut" or "v" or "vs" or "vd" or "vb": return $"field {field.Name} has a wrong value";
                default:
                    if (field.Name.EndsWith('_')) return "a field that must be understood is not known";
                    break;
            }
        }
        if (value is null && sum is null) return name.Length == 0 && unit.Length == 0 ? null : "a record without a value"; // bases only
        name = known.Name + name;
        if (name.Length == 0) return "a record without a name";
        double seconds = known.Time + time;
        if (seconds < FirstAbsoluteSeconds) seconds += nowMs / 1000.0;
        if (!double.IsFinite(seconds) || seconds < 0 || seconds > 253_402_300_799) return "a time out of range";
        ArrayBufferWriter<byte> resolved = new(128);
        using (Utf8JsonWriter json = new(resolved))
        {
            json.WriteStartObject();
            json.WriteString("n", name);
            if (unit.Length > 0 || known.Unit.Length > 0) json.WriteString("u", unit.Length > 0 ? unit : known.Unit);
            if (value is { } given)
            {
                json.WritePropertyName(valueField);
                if (valueField == "v" && known.Value != 0) json.WriteNumberValue(known.Value + given.GetDouble());
                else given.WriteTo(json); // as it was written: no digit is lost
            }
            if (sum is { } total) json.WriteNumber("s", known.Sum + total.GetDouble());
            json.WriteNumber("t", Math.Round(seconds, 6));
            json.WriteEndObject();
        }
        records.Add(new PayloadRecord(Encoding.UTF8.GetBytes(name), (long)Math.Round(seconds * 1000), resolved.WrittenSpan.ToArray()));
        return null;
    }
}
