using System.Globalization;

namespace Edge.Host.Configuration;

/// <summary>Makes the keys of one section; knows how to find the object they belong to.</summary>
/// <param name="prefix">For example <c>Mqtt</c> or <c>Routes:*</c>.</param>
/// <param name="target">Finds the section's object in the options; the second argument is what the <c>*</c> stands for.</param>
internal sealed class ConfigScope<T>(string prefix, Func<EdgeOptions, string, T> target)
{
    /// <summary>A fresh set of options, asked for defaults.</summary>
    private readonly T _defaults = target(new EdgeOptions(), "0");

    public ConfigKey Number(string name, Func<T, int> get, Action<T, int> set, int minimum, int maximum, string meaning, string? allowed = null, string? shownDefault = null) => new()
    {
        Name = $"{prefix}:{name}",
        Kind = ConfigKind.Number,
        Minimum = minimum,
        Maximum = maximum,
        Allowed = allowed ?? string.Create(CultureInfo.InvariantCulture, $"a whole number, {minimum} to {maximum}"),
        Meaning = meaning,
        Default = shownDefault ?? get(_defaults).ToString(CultureInfo.InvariantCulture),
        Read = (o, w) => get(target(o, w)).ToString(CultureInfo.InvariantCulture),
        TryApply = (o, w, v) => v.TryNumber(out long number) && number >= minimum && number <= maximum && Do(() => set(target(o, w), (int)number)),
    };

    public ConfigKey Size(string name, Func<T, long> get, Action<T, long> set, long minimum, long maximum, string meaning, string? shownDefault = null, string? allowed = null) => new()
    {
        Name = $"{prefix}:{name}",
        Kind = ConfigKind.Size,
        Minimum = minimum,
        Maximum = maximum,
        Allowed = allowed ?? $"{ConfigText.SizeForms}, {ConfigText.Size(minimum)} to {(maximum == long.MaxValue ? "any size" : ConfigText.Size(maximum))}",
        Meaning = meaning,
        Default = shownDefault ?? ConfigText.Size(get(_defaults)),
        Read = (o, w) => ConfigText.Size(get(target(o, w))),
        TryApply = (o, w, v) => v.TrySize(out long bytes) && bytes >= minimum && bytes <= maximum && Do(() => set(target(o, w), bytes)),
    };

    public ConfigKey Duration(string name, Func<T, TimeSpan> get, Action<T, TimeSpan> set, TimeSpan minimum, TimeSpan maximum, string meaning) => new()
    {
        Name = $"{prefix}:{name}",
        Kind = ConfigKind.Duration,
        Minimum = (long)minimum.TotalMilliseconds,
        Maximum = (long)maximum.TotalMilliseconds,
        Allowed = $"{ConfigText.DurationForms}, {ConfigText.Duration(minimum)} to {ConfigText.Duration(maximum)}",
        Meaning = meaning,
        Default = ConfigText.Duration(get(_defaults)),
        Read = (o, w) => ConfigText.Duration(get(target(o, w))),
        TryApply = (o, w, v) => v.TryDuration(out TimeSpan time) && time >= minimum && time <= maximum && Do(() => set(target(o, w), time)),
    };

    public ConfigKey Boolean(string name, Func<T, bool> get, Action<T, bool> set, string meaning, string? shownDefault = null) => new()
    {
        Name = $"{prefix}:{name}",
        Kind = ConfigKind.Boolean,
        Allowed = "true or false",
        Meaning = meaning,
        Default = shownDefault ?? Shown(get(_defaults)),
        Read = (o, w) => Shown(get(target(o, w))),
        TryApply = (o, w, v) => v.TryBoolean(out bool value) && Do(() => set(target(o, w), value)),
    };

    /// <param name="isValid">Null: any text of at most 1000 characters.</param>
    /// <param name="isBare">A number without quotes is taken as well.</param>
    public ConfigKey Text(string name, Func<T, string> get, Action<T, string> set, string allowed, string meaning, Func<string, bool>? isValid = null, string? shownDefault = null, bool isBare = false) => new()
    {
        Name = $"{prefix}:{name}",
        Kind = ConfigKind.Text,
        Allowed = allowed,
        Meaning = meaning,
        Default = shownDefault ?? get(_defaults),
        Read = (o, w) => get(target(o, w)),
        TryApply = (o, w, v) => (isBare ? v.TryAnyScalar(out string text) : v.TryText(out text)) && text.Length <= 1000 && (isValid is null || isValid(text)) && Do(() => set(target(o, w), text)),
    };

    public ConfigKey List(string name, Func<T, IReadOnlyList<string>> get, Action<T, IReadOnlyList<string>> set, string allowed, string meaning) => new()
    {
        Name = $"{prefix}:{name}",
        Kind = ConfigKind.List,
        Allowed = allowed,
        Meaning = meaning,
        Default = string.Join(",", get(_defaults)),
        Read = (o, w) => string.Join(",", get(target(o, w))),
        TryApply = (o, w, v) => v.TryList(out IReadOnlyList<string> items) && Do(() => set(target(o, w), items)),
    };

    public ConfigKey Choice<TChoice>(string name, Func<T, TChoice> get, Action<T, TChoice> set, (string Word, TChoice Value)[] choices, string meaning) => new()
    {
        Name = $"{prefix}:{name}",
        Kind = ConfigKind.Choice,
        Choices = [.. choices.Select(static c => c.Word)],
        Allowed = $"one of {string.Join(", ", choices.Select(static c => c.Word))}",
        Meaning = meaning,
        Default = Word(get(_defaults), choices),
        Read = (o, w) => Word(get(target(o, w)), choices),
        TryApply = (o, w, v) =>
        {
            if (!v.TryAnyScalar(out string text)) return false;
            foreach ((string word, TChoice value) in choices)
                if (word.Equals(text, StringComparison.OrdinalIgnoreCase)) return Do(() => set(target(o, w), value));
            return false;
        },
    };

    private static string Word<TChoice>(TChoice value, (string Word, TChoice Value)[] choices)
    {
        foreach ((string word, TChoice choice) in choices)
            if (EqualityComparer<TChoice>.Default.Equals(choice, value)) return word;
        return value?.ToString() ?? "";
    }

    private static string Shown(bool value) => value ? "true" : "false";

    private static bool Do(Action apply)
    {
        apply();
        return true;
    }
}
