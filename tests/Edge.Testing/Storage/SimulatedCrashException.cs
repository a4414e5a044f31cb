namespace Edge.Testing.Storage;

/// <summary>The simulated machine lost its power: every later call on the disk throws this too.</summary>
public sealed class SimulatedCrashException(long operation) : Exception($"Simulated power cut at I/O operation {operation}.")
{
    public long Operation { get; } = operation;
}
