using System.Text.Json;

namespace Edge.Http;

/// <summary>A room of the appliance as status and metrics show it. The host has one for each.</summary>
public interface IHttpRoom
{
    /// <summary>Name of its object in <c>/api/v1/status</c>.</summary>
    string Name { get; }

    /// <summary>Writes the properties of that object, which is begun and ended by the caller.</summary>
    void WriteStatus(Utf8JsonWriter json);

    /// <summary>Adds what is measured. Names begin with <c>edge_</c>.</summary>
    void WriteMetrics(MetricsWriter metrics);
}
