namespace Edge.Hardware;

/// <summary>One measured value.</summary>
/// <param name="Metric">Name below the sensor, for example <c>cpu/temperature</c>.</param>
/// <param name="Value">In <paramref name="Unit"/>; NaN when <paramref name="Quality"/> is <see cref="SensorQuality.Fault"/>.</param>
/// <param name="Unit">A unit of the SenML registry: <c>Cel</c>, <c>B</c>, <c>s</c>, <c>/</c> for a plain ratio.</param>
/// <param name="TimestampMs">When it was read. Unix epoch, UTC.</param>
/// <param name="Error">Why there is no good value; null otherwise.</param>
/// <param name="Edge">Of an edge of a GPIO line: what the kernel says about it; null otherwise.</param>
public readonly record struct SensorReading(string Metric, double Value, string Unit, SensorQuality Quality, long TimestampMs, string? Error = null, EdgeDetail? Edge = null);
