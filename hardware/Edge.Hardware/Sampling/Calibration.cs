using System.Globalization;

namespace Edge.Hardware.Sampling;

/// <summary>Corrects what a sensor reads: a straight line, or a table with straight lines between its points.</summary>
internal sealed class Calibration
{
    public const string Allowed = "'offset -0.4', 'gain 1.02', 'gain 1.02, offset -0.4', or 'table 0=0.3 50=50.1 100=98.7' (read=true, 2 to 64 points)";

    private readonly double _gain = 1, _offset;
    private readonly (double Read, double True)[] _table = [];

    private Calibration(double gain, double offset) => (_gain, _offset) = (gain, offset);

    private Calibration((double, double)[] table) => _table = table;

    /// <summary>Null when the text is none.</summary>
    public static Calibration? TryParse(string text)
    {
        string[] words = text.Split([' ', ','], StringSplitOptions.RemoveEmptyEntries);
        if (words.Length < 2) return null;
        if (words[0].Equals("table", StringComparison.OrdinalIgnoreCase)) return TryParseTable(words.AsSpan(1));
        if (words.Length is not (2 or 4)) return null;
        (double? gain, double? offset) = (null, null);
        for (int i = 0; i < words.Length; i += 2)
        {
            if (!Numbers.TryParse(words[i + 1], out double number)) return null;
            if (words[i].Equals("gain", StringComparison.OrdinalIgnoreCase) && gain is null && number != 0) gain = number;
            else if (words[i].Equals("offset", StringComparison.OrdinalIgnoreCase) && offset is null) offset = number;
            else return null;
        }
        return new Calibration(gain ?? 1, offset ?? 0);
    }

    /// <summary>gain x value + offset; beyond a table's ends its outer lines go on.</summary>
    public double Apply(double value)
    {
        if (_table.Length == 0) return (_gain * value) + _offset;
        int at = 1;
        while (at < _table.Length - 1 && value > _table[at].Read) at++;
        ((double readLow, double trueLow), (double readHigh, double trueHigh)) = (_table[at - 1], _table[at]);
        return trueLow + ((value - readLow) * (trueHigh - trueLow) / (readHigh - readLow));
    }

    private static Calibration? TryParseTable(ReadOnlySpan<string> points)
    {
        if (points.Length is < 2 or > 64) return null;
        var table = new (double Read, double True)[points.Length];
        for (int i = 0; i < points.Length; i++)
        {
            string[] sides = points[i].Split('=');
            if (sides.Length != 2 || !Numbers.TryParse(sides[0], out double read) || !Numbers.TryParse(sides[1], out double truth)) return null;
            if (i > 0 && read <= table[i - 1].Read) return null; // ascending, so that a line between two points exists
            table[i] = (read, truth);
        }
        return new Calibration(table);
    }
}

/// <summary>Numbers as configuration writes them.</summary>
internal static class Numbers
{
    public static bool TryParse(string text, out double number) => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out number) && double.IsFinite(number);

    public static string Text(double number) => number.ToString(CultureInfo.InvariantCulture);
}
