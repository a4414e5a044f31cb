namespace Edge.Log.Tests.Simulation;

/// <summary>The journal broke its promise on a simulated disk. The message begins with what replays it.</summary>
public sealed class SimulationFailureException(string repro, Exception cause) : Exception($"repro: {repro}: {cause.Message}", cause);
