using System.Buffers;
using System.Globalization;
using System.Text;

namespace Edge.Ingest.Routing;

/// <summary>A template of a route's topic or key, parsed once.</summary>
internal sealed class RouteTemplate
{
    private enum PartKind : byte { Text, Capture, MqttTopic, Client, User, Field }

    private readonly record struct Part(PartKind Kind, string Text, int Capture, JsonPath? Path);

    private readonly Part[] _parts;

    private RouteTemplate(Part[] parts) => _parts = parts;

    /// <summary>True when it uses a field of the payload, so that every message is expanded anew.</summary>
    public bool NeedsPayload => _parts.Any(static p => p.Kind == PartKind.Field);

    /// <summary>The text when the template has no placeholder, else null.</summary>
    public string? Fixed => _parts.Length switch { 0 => "", 1 when _parts[0].Kind == PartKind.Text => _parts[0].Text, _ => null };

    /// <summary>Adds every problem to <paramref name="problems"/>, each with <paramref name="keyPath"/> in front; null when there was one.</summary>
    public static RouteTemplate? Parse(string keyPath, string text, TopicFilter? filter, List<string> problems)
    {
        int before = problems.Count;
        var parts = new List<Part>();
        var literal = new StringBuilder();
        for (int at = 0; at < text.Length; at++)
        {
            char c = text[at];
            if (c is '{' or '}' && at + 1 < text.Length && text[at + 1] == c) { literal.Append(c); at++; continue; }
            if (c == '}') { problems.Add($"{keyPath} is '{text}': the }} at {at} closes nothing; write }}}} for a brace."); break; }
            if (c != '{') { literal.Append(c); continue; }
            int close = text.IndexOf('}', at);
            if (close < 0) { problems.Add($"{keyPath} is '{text}': the {{ at {at} is never closed; write {{{{ for a brace."); break; }
            if (literal.Length > 0) { parts.Add(new(PartKind.Text, literal.ToString(), 0, null)); literal.Clear(); }
            string name = text[(at + 1)..close];
            if (ParsePlaceholder(name, filter, out Part part) is { } reason) problems.Add($"{keyPath} is '{text}': {{{name}}} {reason}.");
            else parts.Add(part);
            at = close;
        }
        if (literal.Length > 0) parts.Add(new(PartKind.Text, literal.ToString(), 0, null));
        return problems.Count == before ? new RouteTemplate([.. parts]) : null;
    }

    private static string? ParsePlaceholder(string name, TopicFilter? filter, out Part part)
    {
        part = default;
        switch (name)
        {
            case "topic": part = new(PartKind.MqttTopic, "", 0, null); return null;
            case "client": part = new(PartKind.Client, "", 0, null); return null;
            case "user": part = new(PartKind.User, "", 0, null); return null;
            case "#":
                part = new(PartKind.Capture, "", filter?.SingleCount ?? 0, null);
                return filter is { HasRest: false } ? $"needs a # in the filter '{filter.Text}'" : null;
        }
        if (name.StartsWith('$'))
        {
            string? reason = JsonPath.TryParse(name, out JsonPath? path);
            part = new(PartKind.Field, "", 0, path);
            return reason;
        }
        if (int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out int number))
        {
            part = new(PartKind.Capture, "", number - 1, null);
            if (filter is null) return number < 1 ? "does not exist; the first + is {1}" : null;
            if (filter.SingleCount == 0) return $"needs a + in the filter '{filter.Text}'";
            return number < 1 || number > filter.SingleCount ? $"does not exist; the filter '{filter.Text}' allows {{1}} to {{{filter.SingleCount}}}" : null;
        }
        return "is not known; use {1}, {2} …, {#}, {topic}, {client}, {user} or {$.field}";
    }

    /// <param name="missingFields">Number of payload fields that were not there; each expands to nothing.</param>
    public string Expand(string mqttTopic, ReadOnlySpan<Range> captures, string clientId, string userName, in ReadOnlySequence<byte> payload, out int missingFields)
    {
        missingFields = 0;
        if (_parts.Length == 0) return "";
        if (_parts.Length == 1)
        {
            switch (_parts[0].Kind) // the common cases copy nothing
            {
                case PartKind.Text: return _parts[0].Text;
                case PartKind.MqttTopic: return mqttTopic;
                case PartKind.Capture: return mqttTopic[captures[_parts[0].Capture]];
                case PartKind.Client: return clientId;
                case PartKind.User: return userName;
                case PartKind.Field: break;
            }
        }
        var text = new StringBuilder();
        foreach (Part part in _parts)
        {
            switch (part.Kind)
            {
                case PartKind.Text: text.Append(part.Text); break;
                case PartKind.MqttTopic: text.Append(mqttTopic); break;
                case PartKind.Capture: text.Append(mqttTopic.AsSpan(captures[part.Capture])); break;
                case PartKind.Client: text.Append(clientId); break;
                case PartKind.User: text.Append(userName); break;
                case PartKind.Field: if (!part.Path!.TryAppend(payload, text)) missingFields++; break;
            }
        }
        return text.ToString();
    }
}
