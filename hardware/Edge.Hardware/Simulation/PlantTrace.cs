using Edge.Hardware.Sampling;

namespace Edge.Hardware.Simulation;

/// <summary>A recorded trace: lines of <c>seconds,quantity,value</c>; between two the value moves straight, after the last the trace begins again.</summary>
internal sealed class PlantTrace
{
    public const int MaxLines = 1_000_000;

    private static readonly string[] Quantities = ["temperature", "humidity", "pressure", "illuminance", "co2", "pm2.5", "voltage", "current", "flow", "speed", "analog0", "analog1", "analog2", "analog3", "analog4", "analog5", "analog6", "analog7"];

    private readonly Dictionary<string, List<(double Seconds, double Value)>> _byQuantity;
    private readonly double _length;

    private PlantTrace(Dictionary<string, List<(double, double)>> byQuantity, double length) => (_byQuantity, _length) = (byQuantity, length);

    /// <summary>Null when the file can be replayed.</summary>
    public static string? ProblemOf(string path)
    {
        try
        {
            Read(path);
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException) { return e.Message.TrimEnd('.'); }
    }

    /// <exception cref="FormatException">Names the line and what belongs there.</exception>
    public static PlantTrace Read(string path)
    {
        var byQuantity = new Dictionary<string, List<(double, double)>>(StringComparer.Ordinal);
        (int number, double last) = (0, 0);
        foreach (string line in File.ReadLines(path))
        {
            if (++number > MaxLines) throw new FormatException($"it has more than {MaxLines} lines");
            if (line.Length == 0 || line[0] == '#' || (number == 1 && line.StartsWith("seconds,", StringComparison.Ordinal))) continue;
            string[] fields = line.Split(',');
            if (fields.Length != 3 || !Numbers.TryParse(fields[0], out double seconds) || seconds < last || !Numbers.TryParse(fields[2], out double value))
                throw new FormatException($"line {number} is '{line}'; use seconds,quantity,value with seconds that do not fall");
            if (!Quantities.Contains(fields[1])) throw new FormatException($"line {number} has the quantity '{fields[1]}'; use one of {string.Join(", ", Quantities)}");
            if (!byQuantity.TryGetValue(fields[1], out var points)) byQuantity[fields[1]] = points = [];
            points.Add((seconds, value));
            last = seconds;
        }
        return byQuantity.Count > 0 ? new(byQuantity, last) : throw new FormatException("it has no line with a value");
    }

    /// <summary>Null when the trace does not have this quantity.</summary>
    public double? At(string quantity, double seconds)
    {
        if (!_byQuantity.TryGetValue(quantity, out var points)) return null;
        if (_length > 0) seconds %= _length;
        int at = points.FindIndex(p => p.Seconds > seconds);
        if (at < 0) return points[^1].Value;
        if (at == 0) return points[0].Value;
        ((double fromSeconds, double from), (double toSeconds, double to)) = (points[at - 1], points[at]);
        return from + ((to - from) * (seconds - fromSeconds) / (toSeconds - fromSeconds));
    }
}
