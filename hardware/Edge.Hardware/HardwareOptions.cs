namespace Edge.Hardware;

/// <summary>Options of the machine the sensors are wired to.</summary>
public sealed record HardwareOptions
{
    /// <summary>Every bus and pin is simulated: a believable plant for demonstrations. Default false.</summary>
    public bool Simulate { get; set; }

    /// <summary>Board profile, see <see cref="Boards.BoardProfiles.Names"/>. Default <c>auto</c>: by the model that the device tree names.</summary>
    public string Board { get; set; } = "auto";

    /// <summary>Simulation: what happens by chance is drawn from it. Default 1.</summary>
    public int SimulationSeed { get; set; } = 1;

    /// <summary>Simulation: devices fail now and then. Default true.</summary>
    public bool SimulationFaults { get; set; } = true;

    /// <summary>Simulation: a recorded trace to replay (CSV: seconds,quantity,value). Default none.</summary>
    public string Trace { get; set; } = "";

    /// <summary>Lets a stuck I2C bus be freed by clock pulses, which takes the bus from its driver for a moment. Default true.</summary>
    public bool RecoverBuses { get; set; } = true;
}
