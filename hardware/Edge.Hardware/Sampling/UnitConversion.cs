namespace Edge.Hardware.Sampling;

/// <summary>Turns a value of one unit into another of the same quantity. Units are those of SenML (RFC 8428, 8798) and a few that people ask for.</summary>
internal static class UnitConversion
{
    // Each: unit, quantity, factor and offset to the quantity's base: base = value * factor + offset.
    private static readonly Dictionary<string, (string Quantity, double Factor, double Offset)> Units = new(StringComparer.Ordinal)
    {
        ["Cel"] = ("temperature", 1, 0), ["K"] = ("temperature", 1, -273.15), ["degF"] = ("temperature", 5.0 / 9, -160.0 / 9),
        ["Pa"] = ("pressure", 1, 0), ["hPa"] = ("pressure", 100, 0), ["kPa"] = ("pressure", 1000, 0), ["bar"] = ("pressure", 100_000, 0), ["mbar"] = ("pressure", 100, 0),
        ["mmHg"] = ("pressure", 133.322387415, 0), ["psi"] = ("pressure", 6894.757293168, 0),
        ["/"] = ("ratio", 1, 0), ["%"] = ("ratio", 0.01, 0), ["ppm"] = ("ratio", 1e-6, 0), ["%RH"] = ("humidity", 1, 0), ["RH"] = ("humidity", 100, 0),
        ["V"] = ("voltage", 1, 0), ["mV"] = ("voltage", 1e-3, 0), ["A"] = ("current", 1, 0), ["mA"] = ("current", 1e-3, 0),
        ["W"] = ("power", 1, 0), ["mW"] = ("power", 1e-3, 0), ["kW"] = ("power", 1000, 0), ["J"] = ("energy", 1, 0), ["Wh"] = ("energy", 3600, 0), ["kWh"] = ("energy", 3_600_000, 0),
        ["m/s"] = ("speed", 1, 0), ["km/h"] = ("speed", 1 / 3.6, 0), ["kn"] = ("speed", 1852.0 / 3600, 0), ["mph"] = ("speed", 0.44704, 0),
        ["m/s2"] = ("acceleration", 1, 0), ["g0"] = ("acceleration", 9.80665, 0),
        ["rad/s"] = ("angular speed", 1, 0), ["deg/s"] = ("angular speed", Math.PI / 180, 0), ["1/min"] = ("rate", 1.0 / 60, 0), ["Hz"] = ("rate", 1, 0), ["1/s"] = ("rate", 1, 0),
        ["m"] = ("length", 1, 0), ["mm"] = ("length", 1e-3, 0), ["cm"] = ("length", 1e-2, 0), ["km"] = ("length", 1000, 0), ["ft"] = ("length", 0.3048, 0),
        ["m3"] = ("volume", 1, 0), ["l"] = ("volume", 1e-3, 0), ["m3/s"] = ("flow", 1, 0), ["l/s"] = ("flow", 1e-3, 0), ["l/min"] = ("flow", 1e-3 / 60, 0), ["m3/h"] = ("flow", 1.0 / 3600, 0),
        ["B"] = ("size", 1, 0), ["KiB"] = ("size", 1024, 0), ["MiB"] = ("size", 1 << 20, 0), ["GiB"] = ("size", 1 << 30, 0),
        ["s"] = ("time", 1, 0), ["ms"] = ("time", 1e-3, 0), ["min"] = ("time", 60, 0), ["h"] = ("time", 3600, 0), ["lx"] = ("light", 1, 0), ["klx"] = ("light", 1000, 0),
    };

    public static string Allowed { get; } = string.Join(", ", Units.Keys);

    public static bool IsKnown(string unit) => Units.ContainsKey(unit);

    /// <summary>False when the two are not of one quantity.</summary>
    public static bool TryConvert(double value, string from, string to, out double converted)
    {
        converted = value;
        if (from == to) return true;
        if (!Units.TryGetValue(from, out var source) || !Units.TryGetValue(to, out var target) || source.Quantity != target.Quantity) return false;
        converted = ((value * source.Factor) + source.Offset - target.Offset) / target.Factor;
        return true;
    }
}
