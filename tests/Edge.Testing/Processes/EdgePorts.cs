using System.Text.Json;

namespace Edge.Testing.Processes;

/// <summary>Ports of a running appliance, as its ready line gives them.</summary>
public sealed record EdgePorts(int Mqtt, int Kafka, int Http)
{
    /// <summary>Null when the line is not a ready line.</summary>
    public static EdgePorts? TryParse(string line)
    {
        if (!line.StartsWith('{')) return null;
        try
        {
            using JsonDocument document = JsonDocument.Parse(line);
            JsonElement root = document.RootElement;
            return root.TryGetProperty("ready", out JsonElement ready) && ready.ValueKind == JsonValueKind.True
                ? new EdgePorts(root.GetProperty("mqtt").GetInt32(), root.GetProperty("kafka").GetInt32(), root.GetProperty("http").GetInt32()) : null;
        }
        catch (JsonException) { return null; }
    }
}
