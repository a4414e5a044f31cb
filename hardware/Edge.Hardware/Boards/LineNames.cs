using System.Globalization;
using Edge.Hardware.Buses;
using Edge.Hardware.Gpio;

namespace Edge.Hardware.Boards;

/// <summary>Finds a line by what people call it: <c>GPIO17</c>, <c>header pin 11</c>, <c>gpiochip1:5</c>, or a name of the kernel's.</summary>
internal static class LineNames
{
    public const string Allowed = "GPIO17, header pin 11, gpiochip0:17, or the name of a line as 'edge hardware detect' shows it";

    /// <summary>What can be said without a machine. Null when the name may be good; else why not.</summary>
    public static string? ProblemOf(string name, BoardProfile board)
    {
        if (name.Length is 0 or > 64) return $"'{name}'; use {Allowed}";
        if (HeaderNumber(name) is { } number)
        {
            if (board.Header.Count == 0) return $"'{name}', but the header of this machine is not known (Hardware:Board is {board.Name}); use gpiochip0:17 or the name of a line";
            if (number < 1 || number > board.Header.Count) return $"'{name}', but the header of a {board.Title} has pins 1 to {board.Header.Count}";
            HeaderPin pin = board.Header[number - 1];
            return pin.Gpio is null ? $"'{name}', which is {pin.Label} on a {board.Title}: no GPIO" : null;
        }
        if (GpioNumber(name) is { } gpio && board.Header.Count > 0 && board.PinOf(gpio) is null) return $"'{name}', which is not on the header of a {board.Title}";
        return null;
    }

    /// <summary>One name for one line, so that two ways to write it are the same: the GPIO number on a board with a header.</summary>
    public static string Canonical(string name, BoardProfile board)
    {
        if (HeaderNumber(name) is { } number && number >= 1 && number <= board.Header.Count && board.Header[number - 1].Gpio is { } onHeader) return $"GPIO{onHeader}";
        return GpioNumber(name) is { } gpio ? $"GPIO{gpio}" : name;
    }

    /// <summary>The line on this machine.</summary>
    /// <exception cref="BusException">There is none.</exception>
    public static GpioLineName Find(string name, BoardProfile board, Func<IReadOnlyList<string>> chips, Func<string, GpioChipInfo> describe, Func<string, IReadOnlyList<GpioLineInfo>> lines)
    {
        string canonical = Canonical(name, board), shown = board.Header.Count > 0 && GpioNumber(canonical) is { } shownGpio && board.PinOf(shownGpio) is { } pin ? $"{canonical} (header pin {pin.Number})" : name;
        string[] parts = name.Split(':');
        if (parts.Length == 2 && parts[0].StartsWith("gpiochip", StringComparison.Ordinal) && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out int offset)) return new(parts[0], offset, name);
        IReadOnlyList<string> all = chips();
        if (all.Count == 0) throw new BusException(BusFault.NoSuchBus, $"there is no line {name}: this machine has no GPIO chip (/dev/gpiochip*)");
        foreach (string label in board.ChipLabels)
        {
            if (GpioNumber(canonical) is not { } gpio) break;
            string? chip = all.FirstOrDefault(c => TryDescribe(c, describe) is { } info && info.Label == label);
            if (chip is not null) return new(chip, gpio, shown);
        }
        BusException? denied = null;
        foreach (string chip in all)
        {
            try
            {
                foreach (GpioLineInfo line in lines(chip)) if (line.Name.Equals(name, StringComparison.OrdinalIgnoreCase) || line.Name.Equals(canonical, StringComparison.OrdinalIgnoreCase)) return new(chip, line.Offset, shown);
            }
            catch (BusException e) { denied = e; }
        }
        throw denied ?? new BusException(BusFault.NoSuchBus, $"there is no line {name} on {string.Join(", ", all)}; use {Allowed}");
    }

    public static int? GpioNumber(string name) =>
        name.StartsWith("GPIO", StringComparison.OrdinalIgnoreCase) && int.TryParse(name.AsSpan(4), NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : null;

    private static int? HeaderNumber(string name)
    {
        string text = name.StartsWith("header ", StringComparison.OrdinalIgnoreCase) ? name[7..].TrimStart() : name;
        return text.StartsWith("pin ", StringComparison.OrdinalIgnoreCase) && int.TryParse(text.AsSpan(4).Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : null;
    }

    private static GpioChipInfo? TryDescribe(string chip, Func<string, GpioChipInfo> describe)
    {
        try { return describe(chip); }
        catch (BusException) { return null; }
    }
}
