using Edge.Log;

namespace Edge.Hardware;

/// <summary>A sensor could not be opened or read. Transient: it is tried again with back-off.</summary>
public sealed class SensorException(string sensor, string message, Exception? inner = null) : EdgeException($"Sensor '{sensor}': {message}", inner)
{
    public string Sensor { get; } = sensor;

    public override bool IsTransient => true;
}
