namespace Edge.Testing.Simulation;

/// <summary>The journal broke its promise on a simulated disk. The message begins with what replays it.</summary>
public sealed class SimulationFailureException : Exception
{
    public SimulationFailureException(string repro, Exception cause) : base($"repro: {repro}: {cause.Message}", cause) { }

    /// <summary>Passes a failure on from another thread.</summary>
    public SimulationFailureException(Exception failure) : base(failure.Message, failure) { }
}
