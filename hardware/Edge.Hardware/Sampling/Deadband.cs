namespace Edge.Hardware.Sampling;

/// <summary>How far a value must move from the last one published to be worth a record.</summary>
internal readonly record struct Deadband(double Amount, bool IsPercent)
{
    public const string Allowed = "0 (any change), a number in the metric's unit such as 0.5, or 0.1% to 100% of the last value";

    public static Deadband? TryParse(string text)
    {
        bool isPercent = text.EndsWith('%');
        return Numbers.TryParse((isPercent ? text[..^1] : text).Trim(), out double amount) && amount >= 0 && (!isPercent || amount is >= 0.1 and <= 100) ? new Deadband(amount, isPercent) : null;
    }

    public bool IsExceeded(double last, double value)
    {
        double limit = IsPercent ? Math.Abs(last) * Amount / 100 : Amount;
        return limit == 0 ? value != last : Math.Abs(value - last) >= limit;
    }
}
