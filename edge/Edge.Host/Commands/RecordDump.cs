using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;
using Edge.Log.Records;
using Edge.Log.Tools;

namespace Edge.Host.Commands;

/// <summary>Prints records of <c>edge log dump</c>, a line each: as text, or as JSON of the form of <c>consume --format json</c> with the place added.</summary>
internal sealed class RecordDump(Stream output, bool asJson) : IDisposable
{
    private const int FlushBytes = 64 << 10;
    private readonly ArrayBufferWriter<byte> _buffer = new(2 * FlushBytes);
    private readonly Utf8JsonWriter? _json = asJson ? new Utf8JsonWriter(Stream.Null, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }) : null;

    public void Write(DumpPlace place, in RecordView record)
    {
        if (_json is { } json) WriteJson(json, place, record);
        else WriteText(place, record);
        _buffer.Write("\n"u8);
        if (_buffer.WrittenCount >= FlushBytes) Flush();
    }

    public void Dispose()
    {
        Flush();
        _json?.Dispose();
    }

    private void Flush()
    {
        output.Write(_buffer.WrittenSpan);
        output.Flush();
        _buffer.ResetWrittenCount();
    }

    private void WriteJson(Utf8JsonWriter json, DumpPlace place, in RecordView record)
    {
        json.Reset(_buffer);
        json.WriteStartObject();
        json.WriteString("topic"u8, place.Partition.Topic);
        json.WriteNumber("partition"u8, place.Partition.Partition);
        json.WriteNumber("offset"u8, record.Offset);
        json.WriteString("timestamp"u8, Time(record.TimestampMs));
        WriteBytes(json, "key"u8, record.HasKey, record.Key);
        WriteBytes(json, "value"u8, record.HasValue, record.Value);
        json.WriteStartObject("headers"u8);
        foreach (RecordHeaderView header in record.Headers) WriteBytes(json, header.Name, header.HasValue, header.Value);
        json.WriteEndObject();
        if (place.IsControl) json.WriteBoolean("control"u8, true);
        json.WriteString("segment"u8, place.File);
        json.WriteNumber("position"u8, place.Position);
        json.WriteNumber("ingestSequence"u8, place.IngestSequence);
        json.WriteNumber("epoch"u8, place.Epoch);
        json.WriteEndObject();
        json.Flush();
    }

    private static void WriteBytes(Utf8JsonWriter json, ReadOnlySpan<byte> name, bool present, ReadOnlySpan<byte> bytes)
    {
        if (!present) json.WriteNull(Readable(name));
        else if (Utf8.IsValid(bytes)) json.WriteString(Readable(name), bytes);
        else
        {
            json.WriteStartObject(Readable(name));
            json.WriteBase64String("base64"u8, bytes);
            json.WriteEndObject();
        }
    }

    /// <summary>A header's name may be any bytes.</summary>
    private static string Readable(ReadOnlySpan<byte> name) => Encoding.UTF8.GetString(name);

    private void WriteText(DumpPlace place, in RecordView record)
    {
        Append(string.Create(CultureInfo.InvariantCulture, $"{place.Partition}:{record.Offset} {Time(record.TimestampMs)}{(place.IsControl ? " control" : "")} "));
        AppendBytes(record.HasKey, record.Key);
        _buffer.Write(" "u8);
        AppendBytes(record.HasValue, record.Value);
        foreach (RecordHeaderView header in record.Headers)
        {
            _buffer.Write(" "u8);
            AppendBytes(true, header.Name);
            _buffer.Write("="u8);
            AppendBytes(header.HasValue, header.Value);
        }
    }

    private void Append(string text) => Encoding.UTF8.GetBytes(text, _buffer);

    /// <summary>Text as it is, if it is text on one line; else base64.</summary>
    private void AppendBytes(bool present, ReadOnlySpan<byte> bytes)
    {
        if (!present) _buffer.Write("-"u8);
        else if (Utf8.IsValid(bytes) && !bytes.ContainsAnyInRange((byte)0, (byte)31)) _buffer.Write(bytes);
        else
        {
            _buffer.Write("base64:"u8);
            Base64.EncodeToUtf8(bytes, _buffer.GetSpan(Base64.GetMaxEncodedToUtf8Length(bytes.Length)), out _, out int written);
            _buffer.Advance(written);
        }
    }

    private static string Time(long timestampMs) => timestampMs is >= -62_135_596_800_000 and <= 253_402_300_799_999
        ? DateTimeOffset.FromUnixTimeMilliseconds(timestampMs).UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture)
        : timestampMs.ToString(CultureInfo.InvariantCulture);
}
