using System.Text.Json;
using Edge.Catalog;
using Edge.Catalog.Users;
using Edge.Ingest;
using Edge.Log;

namespace Edge.Http;

/// <summary>What the HTTP interface works on. Reads the journal; writes only through ingest.</summary>
public sealed class HttpApiContext
{
    public required Journal Journal { get; init; }
    public required IngestPipeline Ingest { get; init; }
    public required CatalogStore Catalog { get; init; }
    /// <summary>Users and their rules; null: there are none to manage.</summary>
    public UserStore? Users { get; init; }
    public required HttpOptions Options { get; init; }
    public required TimeProvider TimeProvider { get; init; }
    public required string Version { get; init; }
    public required DateTimeOffset Started { get; init; }

    /// <summary>From <c>run.json</c>: whoever shows it may read the data directory, so the Host header is not asked for.</summary>
    public required string Token { get; init; }

    /// <summary>The other rooms, in the order in which status shows them.</summary>
    public required IReadOnlyList<IHttpRoom> Rooms { get; init; }

    /// <summary>Null: a publish would be acknowledged. Otherwise why not.</summary>
    public required Func<string?> NotReady { get; init; }

    /// <summary>Writes the array of <c>/api/v1/sensors</c>.</summary>
    public required Action<Utf8JsonWriter> WriteSensors { get; init; }

    /// <summary>Reads a sensor now and writes its readings as an array. Throws KeyNotFoundException with the names there are; an <see cref="EdgeException"/> when it cannot be read.</summary>
    public required Func<string, Utf8JsonWriter, CancellationToken, Task> ReadSensorAsync { get; init; }

    /// <summary>Pauses (true) or resumes (false) forwarding.</summary>
    public required Action<bool> PauseSync { get; init; }

    /// <summary>Says that this appliance is the device where forwarding halted over it; false when it is not halted.</summary>
    public Func<bool> AdoptSync { get; init; } = static () => false;

    /// <summary>Cancelled when the appliance stops: ends responses that follow.</summary>
    public required CancellationToken Stopping { get; init; }

    /// <summary>Takes over requests for <c>/mqtt</c>: MQTT over WebSocket. Null: there is none.</summary>
    public Microsoft.AspNetCore.Http.RequestDelegate? MqttWebSocket { get; init; }
}
