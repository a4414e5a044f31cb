using System.Text.RegularExpressions;
using Edge.Hardware.Boards;
using Xunit;

namespace Edge.Hardware.Tests;

public sealed partial class WiringTests
{
    // Goal: a picture never sends a signal into a power pin, nor power where the board has none. Method: the table of the wiring page against the board profile.
    [Fact]
    public void WiringPage_EveryPin_IsWhatTheBoardHasThere()
    {
        BoardProfile board = BoardProfiles.Find("pi4")!;
        string page = File.ReadAllText(Path.Combine(Root(), "hardware/wiring/README.md"));
        MatchCollection rows = Row().Matches(page);
        Assert.True(rows.Count > 60, $"only {rows.Count} rows");
        foreach (Match row in rows)
        {
            (string module, int number, string label) = (row.Groups[1].Value.Trim(), int.Parse(row.Groups[2].ValueSpan), row.Groups[3].Value);
            HeaderPin pin = board.Header[number - 1];
            Assert.Equal(pin.Label, label);
            if (module is "VCC" or "VDD" or "VDD, VREF") Assert.Contains(label, (string[])["3V3", "5V"]);
            else if (module.Contains("GND", StringComparison.Ordinal)) Assert.Equal("GND", label);
            else if (module is "SDA" or "SCL") Assert.Equal($"{module}1", pin.Function);
            else Assert.NotEqual("5V", label);
        }
        foreach (Match picture in Picture().Matches(page)) Assert.True(File.Exists(Path.Combine(Root(), "hardware/wiring", picture.Groups[1].Value)), picture.Value);
    }

    private static string Root()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "Edge.sln"))) return folder.FullName;
        throw new InvalidOperationException("these tests run inside a checkout");
    }

    [GeneratedRegex(@"^\| ([^|]+) \| (\d+) \((\w+)\) \|", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex(@"\]\((\S+\.svg)\)")]
    private static partial Regex Picture();
}
