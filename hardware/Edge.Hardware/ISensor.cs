namespace Edge.Hardware;

/// <summary>A sensor as drivers implement it. Used by one thread at a time; may block, the sampler keeps it off everybody else's way.</summary>
public interface ISensor : IDisposable
{
    /// <summary>The bus it is read over, for example <c>i2c-1</c>: one thread serves all sensors of a bus. Null: it shares nothing and has a thread of its own.</summary>
    string? Bus => null;

    /// <summary>Finds the device. Called before the first reading and again after a failure.</summary>
    /// <exception cref="SensorException">The device is not there; tried again with back-off.</exception>
    void Open();

    /// <summary>Takes one reading of everything the sensor measures. A part that fails is added with <see cref="SensorQuality.Fault"/>; the others stay good.</summary>
    /// <exception cref="SensorException">Nothing could be read; after some retries the sensor is disposed, and opened anew after a back-off.</exception>
    void Read(ReadingBuffer readings);
}
