using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Edge.Ingest.Routing;

/// <summary>A path <c>$.a.b[0]</c> into a JSON payload. Reads forward and stops at the field; builds no document.</summary>
internal sealed class JsonPath
{
    public const int MaxSteps = 16;

    private readonly (string? Name, int Index)[] _steps;

    private JsonPath((string?, int)[] steps) => _steps = steps;

    /// <returns>Null when the path is right, else the reason it is not.</returns>
    public static string? TryParse(string text, out JsonPath? path)
    {
        const string shape = "is not a JSON path; use {$.name}, {$.a.b} or {$.a[0]}";
        path = null;
        var steps = new List<(string?, int)>();
        if (!text.StartsWith('$')) return shape;
        int at = 1;
        while (at < text.Length)
        {
            if (text[at] == '.')
            {
                int length = text.AsSpan(at + 1).IndexOfAny('.', '[');
                int end = length < 0 ? text.Length : at + 1 + length;
                if (end == at + 1) return shape;
                steps.Add((text[(at + 1)..end], 0));
                at = end;
            }
            else if (text[at] == '[')
            {
                int close = text.IndexOf(']', at);
                if (close < 0 || !int.TryParse(text.AsSpan(at + 1, close - at - 1), NumberStyles.None, CultureInfo.InvariantCulture, out int index)) return shape;
                steps.Add((null, index));
                at = close + 1;
            }
            else return shape;
        }
        if (steps.Count == 0) return shape;
        if (steps.Count > MaxSteps) return $"has {steps.Count} steps; at most {MaxSteps} are allowed";
        path = new JsonPath([.. steps]);
        return null;
    }

    /// <summary>Appends the field as text: a string unescaped, a number as it is written, <c>true</c>, <c>false</c>.</summary>
    /// <returns>False, with nothing appended, for what is not JSON, has no such field, or has an object, an array or null there.</returns>
    public bool TryAppend(in ReadOnlySequence<byte> payload, StringBuilder destination)
    {
        var reader = new Utf8JsonReader(payload, new JsonReaderOptions { MaxDepth = 64 });
        try
        {
            if (!reader.Read()) return false;
            foreach ((string? name, int index) in _steps)
            {
                if (!(name is null ? TryEnterElement(ref reader, index) : TryEnterProperty(ref reader, name))) return false;
            }
            switch (reader.TokenType)
            {
                case JsonTokenType.String: destination.Append(reader.GetString()); return true;
                case JsonTokenType.Number: destination.Append(Encoding.UTF8.GetString(reader.HasValueSequence ? reader.ValueSequence.ToArray() : reader.ValueSpan)); return true;
                case JsonTokenType.True: destination.Append("true"); return true;
                case JsonTokenType.False: destination.Append("false"); return true;
                default: return false;
            }
        }
        catch (JsonException) { return false; }              // not JSON, or broken before the field
        catch (InvalidOperationException) { return false; }  // a string that is not valid UTF-8 or UTF-16
    }

    /// <summary>The field's bytes: a string unescaped and without quotes, everything else (objects and arrays too) as it is written.</summary>
    /// <returns>False when it is not there.</returns>
    public bool TryRead(in ReadOnlySequence<byte> payload, out byte[] value)
    {
        value = [];
        var reader = new Utf8JsonReader(payload, new JsonReaderOptions { MaxDepth = 64 });
        try
        {
            if (!reader.Read()) return false;
            foreach ((string? name, int index) in _steps)
            {
                if (!(name is null ? TryEnterElement(ref reader, index) : TryEnterProperty(ref reader, name))) return false;
            }
            if (reader.TokenType == JsonTokenType.String)
            {
                value = Encoding.UTF8.GetBytes(reader.GetString()!);
                return true;
            }
            long start = reader.TokenStartIndex;
            reader.Skip();
            value = payload.Slice(start, reader.BytesConsumed - start).ToArray();
            return true;
        }
        catch (JsonException) { return false; }
        catch (InvalidOperationException) { return false; }
    }

    private static bool TryEnterProperty(ref Utf8JsonReader reader, string name)
    {
        if (reader.TokenType != JsonTokenType.StartObject) return false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool found = reader.ValueTextEquals(name);
            if (!reader.Read()) return false;
            if (found) return true;
            reader.Skip();
        }
        return false;
    }

    private static bool TryEnterElement(ref Utf8JsonReader reader, int index)
    {
        if (reader.TokenType != JsonTokenType.StartArray) return false;
        for (int i = 0; reader.Read() && reader.TokenType != JsonTokenType.EndArray; i++)
        {
            if (i == index) return true;
            reader.Skip();
        }
        return false;
    }
}
