using System.Globalization;
using Edge.Hardware.Sampling;

namespace Edge.Hardware.Drivers;

/// <summary>Reads the settings of a driver; what is wrong is added to the problems, with key, value and what is allowed.</summary>
internal sealed class DriverSettings(Dictionary<string, string> settings, string keyPath, List<string> problems)
{
    public string Text(string name, string fallback) => Get(name) ?? fallback;

    public bool Has(string name) => Get(name) is not null;

    public int Number(string name, int fallback, int minimum, int maximum)
    {
        if (Get(name) is not { } text) return fallback;
        if (TryInteger(text, out long number) && number >= minimum && number <= maximum) return (int)number;
        problems.Add($"{keyPath}:settings:{name} is '{text}'; use a whole number, {minimum} to {maximum} (0x… for hexadecimal).");
        return fallback;
    }

    public double Real(string name, double fallback, double minimum, double maximum)
    {
        if (Get(name) is not { } text) return fallback;
        if (Numbers.TryParse(text, out double number) && number >= minimum && number <= maximum) return number;
        problems.Add($"{keyPath}:settings:{name} is '{text}'; use a number, {Numbers.Text(minimum)} to {Numbers.Text(maximum)}.");
        return fallback;
    }

    public bool Flag(string name, bool fallback)
    {
        if (Get(name) is not { } text) return fallback;
        if (bool.TryParse(text, out bool flag)) return flag;
        problems.Add($"{keyPath}:settings:{name} is '{text}'; use true or false.");
        return fallback;
    }

    /// <summary>Milliseconds, or with a unit: <c>500us</c>, <c>5ms</c>, <c>2s</c>, <c>1min</c>.</summary>
    public TimeSpan Time(string name, TimeSpan fallback, TimeSpan minimum, TimeSpan maximum)
    {
        if (Get(name) is not { } text) return fallback;
        if (TryTime(text, out TimeSpan time) && time >= minimum && time <= maximum) return time;
        problems.Add($"{keyPath}:settings:{name} is '{text}'; use a time such as 500us, 5ms, 2s or 1min, {minimum.TotalMilliseconds:0.###} ms to {maximum.TotalMilliseconds:0} ms.");
        return fallback;
    }

    public T Choice<T>(string name, T fallback, params ReadOnlySpan<(string Word, T Value)> choices)
    {
        if (Get(name) is not { } text) return fallback;
        foreach ((string word, T value) in choices) if (word.Equals(text, StringComparison.OrdinalIgnoreCase)) return value;
        var words = new List<string>();
        foreach ((string word, _) in choices) words.Add(word);
        problems.Add($"{keyPath}:settings:{name} is '{text}'; use one of {string.Join(", ", words)}.");
        return fallback;
    }

    public void Problem(string name, string what) => problems.Add($"{keyPath}:settings:{name} {what}.");

    internal static bool TryInteger(string text, out long number) => text.StartsWith("0x", StringComparison.OrdinalIgnoreCase)
        ? long.TryParse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out number)
        : long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number);

    private static bool TryTime(string text, out TimeSpan time)
    {
        time = default;
        (string Suffix, double Milliseconds)[] units = [("us", 0.001), ("ms", 1), ("min", 60_000), ("s", 1000), ("h", 3_600_000)];
        foreach ((string suffix, double milliseconds) in units)
        {
            if (!text.EndsWith(suffix, StringComparison.OrdinalIgnoreCase)) continue;
            if (!Numbers.TryParse(text[..^suffix.Length].Trim(), out double amount) || amount < 0 || amount * milliseconds > 1e11) return false;
            time = TimeSpan.FromMilliseconds(amount * milliseconds);
            return true;
        }
        if (!Numbers.TryParse(text, out double plain) || plain is < 0 or > 1e11) return false;
        time = TimeSpan.FromMilliseconds(plain);
        return true;
    }

    private string? Get(string name)
    {
        foreach ((string key, string value) in settings) if (string.Equals(key, name, StringComparison.OrdinalIgnoreCase)) return value.Trim();
        return null;
    }
}
