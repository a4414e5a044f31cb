namespace Edge.Hardware.Simulation;

/// <summary>A believable small plant: day curves, drift, noise, a pump that runs by turns, a door, people who breathe; and, when wanted, faults. All of it follows from the seed and the clock.</summary>
internal sealed class Plant(TimeProvider timeProvider, int seed, bool hasFaults, PlantTrace? trace = null)
{
    /// <summary>One fault in each such span a device, at a time that follows from the seed.</summary>
    internal static readonly TimeSpan FaultEvery = TimeSpan.FromMinutes(10), FaultLasts = TimeSpan.FromSeconds(25);

    private readonly long _start = timeProvider.GetTimestamp();

    /// <summary>Seconds since the simulation began.</summary>
    public double Seconds => timeProvider.GetElapsedTime(_start).TotalSeconds;

    public double Temperature(int part = 0) => Of("temperature", 19.5 + (4.5 * Day(-9)) + Noise("temperature", part, 300, 0.6) + Noise("temperature", part, 5, 0.05));

    public double Humidity(int part = 0) => Of("humidity", Math.Clamp(58 - (14 * Day(-9)) + Noise("humidity", part, 600, 4) + Noise("humidity", part, 5, 0.2), 5, 98));

    public double Pressure() => Of("pressure", 101_325 + Noise("pressure", 0, 7200, 900) + Noise("pressure", 0, 5, 4));

    public double Light() => Of("illuminance", Math.Max(0, Day(-6)) is var sun && sun > 0 ? 38_000 * sun * (0.55 + (0.45 * Noise("cloud", 0, 180, 1))) + 5 : 2 + Noise("light", 0, 60, 0.5));

    public double CarbonDioxide() => Of("co2", 430 + (WorkDay() * 520 * (0.7 + (0.3 * Noise("people", 0, 900, 1)))) + Noise("co2", 0, 5, 4));

    public double Dust() => Of("pm2.5", Math.Max(1, 11 + Noise("dust", 0, 1200, 6) + (IsPumpOn() ? 4 : 0) + Noise("dust", 0, 5, 0.6)));

    public double Voltage() => Of("voltage", 12.1 - (IsPumpOn() ? 0.32 : 0) + Noise("voltage", 0, 900, 0.15) + Noise("voltage", 0, 2, 0.01));

    public double Current() => Of("current", IsPumpOn() ? 1.85 + Noise("current", 0, 10, 0.12) : 0.085 + Noise("current", 0, 10, 0.004));

    /// <summary>Litres a minute through the pump.</summary>
    public double Flow() => Of("flow", IsPumpOn() ? 7.8 + Noise("flow", 0, 30, 0.7) : 0);

    /// <summary>Revolutions a second of its shaft.</summary>
    public double Speed() => Of("speed", IsPumpOn() ? 24.2 + Noise("speed", 0, 15, 0.4) : 0);

    /// <summary>Of g, on one axis.</summary>
    public double Vibration(int axis) => (axis == 2 ? 1 : 0) + ((IsPumpOn() ? 0.06 : 0.002) * Chance("vibration", axis, (long)(Seconds * 1000)));

    public double Analog(int channel) => Of($"analog{channel}", Math.Clamp(1.6 + Noise("analog", channel, 120 + (30 * channel), 1.2) + Noise("analog", channel, 1, 0.01), 0, 3.29));

    public bool IsPumpOn() => Seconds % 240 is > 20 and < 150;

    /// <summary>A door that is open now and then.</summary>
    public bool IsDoorOpen() => Chance("door", 0, (long)(Seconds / 7)) > 0.72;

    /// <summary>0 to 1, a slow wave for whatever has no meaning of its own.</summary>
    public double Wave(int part) => 0.5 + (0.5 * Math.Sin((Seconds / (60 + (17 * part))) + part));

    public (double Latitude, double Longitude, double Knots) Position()
    {
        double angle = Seconds / 400;
        return (52.5163 + (0.004 * Math.Sin(angle)), 13.3777 + (0.006 * Math.Cos(angle)), 2.4 + Noise("knots", 0, 20, 0.8));
    }

    /// <summary>What is wrong with a device now: an error number of the kernel, -1 for disturbed bytes, 0 for nothing.</summary>
    public int FaultOf(int device)
    {
        if (!hasFaults) return 0;
        double span = FaultEvery.TotalSeconds, now = Seconds;
        long number = (long)(now / span);
        if (number == 0 && now < 60) return 0; // a demonstration begins well
        double begins = (number * span) + ((Chance("fault", device, number) + 1) / 2 * (span - FaultLasts.TotalSeconds));
        if (now < begins || now > begins + FaultLasts.TotalSeconds) return 0;
        return Chance("kind", device, number) switch { < -0.3 => Buses.Libc.RemoteIo, < 0.5 => -1, _ => Buses.Libc.IoError };
    }

    /// <summary>-1 at night, 1 at its warmest; <paramref name="shift"/> in hours.</summary>
    private double Day(double shift) => Math.Sin((timeProvider.GetUtcNow().TimeOfDay.TotalHours + shift) / 24 * 2 * Math.PI);

    private double WorkDay() => timeProvider.GetUtcNow().TimeOfDay.TotalHours is var hour ? Math.Clamp((hour - 6) / 3, 0, 1) * Math.Clamp((19 - hour) / 3, 0, 1) : 0;

    private double Of(string quantity, double value) => trace?.At(quantity, Seconds) ?? value;

    /// <summary>Smooth noise of -amplitude to amplitude that changes over about <paramref name="seconds"/>.</summary>
    private double Noise(string what, int part, double seconds, double amplitude)
    {
        double at = Seconds / seconds;
        long slot = (long)Math.Floor(at);
        double share = at - slot, blend = share * share * (3 - (2 * share));
        return amplitude * ((Chance(what, part, slot) * (1 - blend)) + (Chance(what, part, slot + 1) * blend));
    }

    /// <summary>-1 to 1, always the same for the same arguments.</summary>
    private double Chance(string what, int part, long slot)
    {
        ulong hash = 14695981039346656037 ^ (ulong)seed;
        foreach (char c in what) hash = (hash ^ c) * 1099511628211;
        hash = (hash ^ (ulong)part) * 1099511628211;
        hash = (hash ^ (ulong)slot) * 1099511628211;
        hash ^= hash >> 29;
        hash *= 0xBF58476D1CE4E5B9;
        hash ^= hash >> 32;
        return ((hash >> 11) / (double)(1L << 52)) - 1;
    }
}
