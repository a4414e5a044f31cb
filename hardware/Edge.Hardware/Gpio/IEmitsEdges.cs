namespace Edge.Hardware.Gpio;

/// <summary>A sensor that also makes a reading at every edge, outside of its interval.</summary>
internal interface IEmitsEdges
{
    /// <summary>Takes the reading over; thread-safe, never blocks.</summary>
    Action<SensorReading>? Emit { set; }
}
