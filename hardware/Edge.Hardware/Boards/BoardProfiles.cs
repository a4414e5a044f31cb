using System.Text.Json;

namespace Edge.Hardware.Boards;

/// <summary>The profiles of hardware/boards, which are part of the program.</summary>
public static class BoardProfiles
{
    public const string Auto = "auto", Generic = "generic";

    private static readonly string[] Known = ["pi-zero-2w", "pi3", "pi4", "pi5", "cm4", Generic];
    private static readonly Lazy<IReadOnlyList<BoardProfile>> All = new(static () => [.. Known.Select(Load)]);

    /// <summary>What <c>Hardware:Board</c> may be.</summary>
    public static IReadOnlyList<string> Names { get; } = [Auto, .. Known];

    /// <summary>By name; <c>auto</c> goes by the device tree below <paramref name="root"/>. Null when there is no such profile.</summary>
    public static BoardProfile? Find(string name, string root = "/")
    {
        if (name.Equals(Auto, StringComparison.OrdinalIgnoreCase)) return Detect(root);
        return All.Value.FirstOrDefault(b => b.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>The model that the device tree names, for example <c>Raspberry Pi 4 Model B Rev 1.5</c>; null on a PC.</summary>
    public static string? Model(string root = "/")
    {
        try { return File.ReadAllText(Path.Join(root, "proc/device-tree/model")).Trim('\0', '\n', ' '); }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException) { return null; }
    }

    private static BoardProfile Detect(string root)
    {
        string model = Model(root) ?? "";
        // The longest beginning counts: 'Raspberry Pi Zero 2' before 'Raspberry Pi'.
        return All.Value.SelectMany(static b => b.Models.Select(m => (Board: b, Start: m)))
            .Where(c => model.StartsWith(c.Start, StringComparison.Ordinal)).OrderByDescending(static c => c.Start.Length).Select(static c => c.Board).FirstOrDefault()
            ?? All.Value[^1];
    }

    private static BoardProfile Load(string name)
    {
        using Stream stream = typeof(BoardProfiles).Assembly.GetManifestResourceStream($"boards/{name}.json") ?? throw new InvalidOperationException($"boards/{name}.json is not in the program.");
        using JsonDocument json = JsonDocument.Parse(stream);
        JsonElement board = json.RootElement;
        return new(
            name, board.GetProperty("title").GetString()!, Strings(board, "models"), Strings(board, "chipLabels"), board.GetProperty("voltage").GetDouble(), [.. Pins(board)], Strings(board, "notes"));
    }

    private static IEnumerable<HeaderPin> Pins(JsonElement board)
    {
        int number = 0;
        foreach (JsonElement pin in board.GetProperty("header").EnumerateArray())
        {
            string[] parts = pin.GetString()!.Split(' ', 2); // "GPIO2 SDA1", "3V3"
            int? gpio = parts[0].StartsWith("GPIO", StringComparison.Ordinal) ? int.Parse(parts[0].AsSpan(4), System.Globalization.CultureInfo.InvariantCulture) : null;
            yield return new(++number, parts[0], gpio, parts.Length > 1 ? parts[1] : "");
        }
    }

    private static List<string> Strings(JsonElement board, string name) => [.. board.GetProperty(name).EnumerateArray().Select(static e => e.GetString()!)];
}
