using System.Globalization;
using System.Text.Json;

namespace Edge.Host.Configuration;

/// <summary>One value as it was given: its text, the JSON form it had, and where it came from.</summary>
/// <param name="Kind"><see cref="JsonValueKind.Undefined"/> for text of the environment and of <c>--set</c>, which has no type of its own.</param>
/// <param name="Text">The value as text; a list's items are in <paramref name="Items"/>.</param>
internal sealed record ConfigValue(string Key, JsonValueKind Kind, string Text, IReadOnlyList<string> Items, string Origin)
{
    public bool IsUntyped => Kind == JsonValueKind.Undefined;

    public bool TryText(out string text)
    {
        text = Text;
        return IsUntyped || Kind == JsonValueKind.String;
    }

    /// <summary>As <see cref="TryText"/>, for what reads as well without quotes: <c>604800000</c>, <c>4096</c>, <c>true</c>.</summary>
    public bool TryAnyScalar(out string text)
    {
        text = Text;
        return Kind is not JsonValueKind.Array;
    }

    public bool TryBoolean(out bool value)
    {
        value = Kind == JsonValueKind.True;
        if (Kind is JsonValueKind.True or JsonValueKind.False) return true;
        return IsUntyped && bool.TryParse(Text, out value);
    }

    public bool TryNumber(out long value)
    {
        value = 0;
        return (IsUntyped || Kind == JsonValueKind.Number)
            && long.TryParse(Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value);
    }

    public bool TrySize(out long bytes)
    {
        bytes = 0;
        return (IsUntyped || Kind is JsonValueKind.Number or JsonValueKind.String) && ConfigText.TryParseSize(Text, out bytes);
    }

    public bool TryDuration(out TimeSpan duration)
    {
        duration = TimeSpan.Zero;
        return (IsUntyped || Kind == JsonValueKind.String || (Kind == JsonValueKind.Number && Text == "0")) && ConfigText.TryParseDuration(Text, out duration);
    }

    public bool TryList(out IReadOnlyList<string> items)
    {
        items = IsUntyped ? Text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) : Items;
        return IsUntyped || Kind == JsonValueKind.Array;
    }
}
