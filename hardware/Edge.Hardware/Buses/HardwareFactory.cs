using Edge.Hardware.Boards;
using Edge.Hardware.Simulation;

namespace Edge.Hardware.Buses;

/// <summary>Makes the machine that the options ask for.</summary>
internal static class HardwareFactory
{
    /// <summary>What is wrong with the options; null when nothing is.</summary>
    public static string? ProblemOf(HardwareOptions options)
    {
        if (BoardProfiles.Find(options.Board) is null) return $"Hardware:Board is '{options.Board}'; use one of {string.Join(", ", BoardProfiles.Names)}.";
        if (options.Trace.Length == 0) return null;
        if (!options.Simulate) return "Hardware:Trace is set and Hardware:Simulate is not: a trace is replayed by the simulation.";
        return PlantTrace.ProblemOf(options.Trace) is { } problem ? $"Hardware:Trace is '{options.Trace}': {problem}." : null;
    }

    /// <summary>For checking a configuration: knows the board, is never opened.</summary>
    public static IHardware ForChecks(HardwareOptions options) => new LinuxHardware(BoardOf(options), mayRecover: false);

    public static IHardware Create(HardwareOptions options, IReadOnlyList<SensorOptions> sensors, TimeProvider timeProvider)
    {
        if (!options.Simulate) return new LinuxHardware(BoardOf(options), options.RecoverBuses);
        PlantTrace? trace = options.Trace.Length > 0 ? PlantTrace.Read(options.Trace) : null;
        var plant = new Plant(timeProvider, options.SimulationSeed, options.SimulationFaults, trace);
        return SimulatedMachine.Build(plant, sensors, BoardOf(options), timeProvider);
    }

    /// <summary>A simulation has a header even on a machine that has none, so that line names of an example configuration work.</summary>
    private static BoardProfile BoardOf(HardwareOptions options)
    {
        BoardProfile board = BoardProfiles.Find(options.Board)!;
        return options.Simulate && board.Header.Count == 0 ? BoardProfiles.Find("pi4")! : board;
    }
}
