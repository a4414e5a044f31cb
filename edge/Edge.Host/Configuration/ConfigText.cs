using System.Globalization;
using System.Text.RegularExpressions;
using System.Xml;

namespace Edge.Host.Configuration;

/// <summary>Reads and writes sizes and durations as people type them.</summary>
public static partial class ConfigText
{
    private static readonly (string Unit, long Bytes)[] SizeUnits =
    [
        ("TiB", 1L << 40), ("GiB", 1L << 30), ("MiB", 1L << 20), ("KiB", 1L << 10),
        ("TB", 1_000_000_000_000), ("GB", 1_000_000_000), ("MB", 1_000_000), ("kB", 1_000), ("B", 1),
    ];

    private static readonly (string Unit, long Milliseconds)[] DurationUnits =
        [("ms", 1), ("s", 1_000), ("min", 60_000), ("h", 3_600_000), ("d", 86_400_000)];

    public const string SizeForms = "bytes such as 1048576, 500kB or 64MiB";
    public const string DurationForms = "a duration such as 250ms, 10s, 5min, 2h, 7d or ISO 8601 (PT10S)";

    [GeneratedRegex(@"\A\s*(\d+(?:\.\d+)?)\s*([A-Za-z]*)\s*\z")]
    private static partial Regex NumberAndUnit();

    /// <summary><c>64MiB</c> (powers of 1024), <c>500kB</c> (powers of 1000) or plain bytes; units without regard to case.</summary>
    public static bool TryParseSize(string text, out long bytes)
    {
        bytes = 0;
        if (!TrySplit(text, out decimal number, out string unit)) return false;
        if (unit.Length == 0) return TryWhole(number, 1, out bytes);
        foreach ((string name, long factor) in SizeUnits)
            if (name.Equals(unit, StringComparison.OrdinalIgnoreCase)) return TryWhole(number, factor, out bytes);
        return false;
    }

    /// <summary><c>250ms</c>, <c>10s</c>, <c>5min</c>, <c>2h</c>, <c>7d</c>, <c>0</c>, or ISO 8601 (<c>PT1M30S</c>).</summary>
    public static bool TryParseDuration(string text, out TimeSpan duration)
    {
        duration = TimeSpan.Zero;
        if (text.TrimStart().StartsWith('P') || text.TrimStart().StartsWith('p')) return TryParseIso(text.Trim(), out duration);
        if (!TrySplit(text, out decimal number, out string unit)) return false;
        if (unit.Length == 0) return number == 0; // a bare number has no unit to guess
        foreach ((string name, long factor) in DurationUnits)
        {
            if (!name.Equals(unit, StringComparison.OrdinalIgnoreCase)) continue;
            if (number * factor > 365_000L * 86_400_000) return false;
            duration = TimeSpan.FromTicks((long)(number * factor * TimeSpan.TicksPerMillisecond));
            return true;
        }
        return false;
    }

    /// <summary>The largest unit that gives a whole number, powers of 1024 first.</summary>
    public static string Size(long bytes)
    {
        foreach ((string unit, long factor) in SizeUnits)
            if (bytes >= factor && bytes % factor == 0 && factor > 1) return string.Create(CultureInfo.InvariantCulture, $"{bytes / factor}{unit}");
        return bytes.ToString(CultureInfo.InvariantCulture);
    }

    /// <summary>The largest unit that gives a whole number.</summary>
    public static string Duration(TimeSpan duration)
    {
        if (duration == TimeSpan.Zero) return "0";
        for (int i = DurationUnits.Length - 1; i >= 0; i--)
        {
            long ticks = DurationUnits[i].Milliseconds * TimeSpan.TicksPerMillisecond;
            if (duration.Ticks % ticks == 0) return string.Create(CultureInfo.InvariantCulture, $"{duration.Ticks / ticks}{DurationUnits[i].Unit}");
        }
        return XmlConvert.ToString(duration);
    }

    private static bool TrySplit(string text, out decimal number, out string unit)
    {
        (number, unit) = (0, "");
        Match match = NumberAndUnit().Match(text);
        if (!match.Success || match.Groups[1].Length > 20) return false;
        unit = match.Groups[2].Value;
        return decimal.TryParse(match.Groups[1].ValueSpan, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out number);
    }

    private static bool TryWhole(decimal number, long factor, out long whole)
    {
        whole = 0;
        if (number > long.MaxValue / factor) return false;
        decimal product = number * factor;
        if (product != decimal.Truncate(product)) return false;
        whole = (long)product;
        return true;
    }

    private static bool TryParseIso(string text, out TimeSpan duration)
    {
        duration = TimeSpan.Zero;
        try { duration = XmlConvert.ToTimeSpan(text.ToUpperInvariant()); }
        catch (Exception e) when (e is FormatException or OverflowException) { return false; }
        return duration >= TimeSpan.Zero;
    }
}
