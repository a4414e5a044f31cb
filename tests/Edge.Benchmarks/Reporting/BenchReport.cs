using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace Edge.Benchmarks.Reporting;

/// <summary>All figures of a run on one machine: a table for people, JSON for the next comparison.</summary>
internal sealed class BenchReport
{
    private readonly List<Figure> _figures = [];
    private readonly List<string> _skipped = [], _warnings = [];
    private readonly List<(string Bar, bool IsMet)> _bars = [];

    public IReadOnlyList<Figure> Figures => _figures;

    public Figure Add(Figure figure)
    {
        _figures.Add(figure);
        Console.Error.WriteLine($"  {figure.Name} [{figure.Build}]: {Text(figure.Median)} {figure.Unit}  (runs: {string.Join(", ", figure.Runs.Select(Text))})");
        return figure;
    }

    public void Skip(string what, string why)
    {
        _skipped.Add($"{what}: {why}");
        Console.Error.WriteLine($"  SKIPPED {what}: {why}");
    }

    /// <summary>Something that makes the figures worth less.</summary>
    public void Warn(string what)
    {
        _warnings.Add(what);
        Console.Error.WriteLine($"  WARNING: {what}");
    }

    /// <summary>A figure that was promised, and whether it is met.</summary>
    public void Bar(string bar, bool isMet) => _bars.Add((bar, isMet));

    public void Print(TextWriter output)
    {
        output.WriteLine();
        output.WriteLine(Markdown());
        output.WriteLine(Json());
    }

    /// <summary>Writes the report; whatever was there is replaced.</summary>
    public void Save(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        File.WriteAllText(path, $"# Measured on {Machine()}\n\n`scripts/bench --save`; medians, every run in the JSON below.\n\n{Markdown()}\n```json\n{Json()}\n```\n");
        Console.Error.WriteLine($"Saved: {path}");
    }

    private string Markdown()
    {
        var text = new StringBuilder();
        text.AppendLine("| figure | build | median | unit | note |").AppendLine("|---|---|---:|---|---|");
        foreach (Figure figure in _figures) text.AppendLine(CultureInfo.InvariantCulture, $"| {figure.Name} | {figure.Build} | {Text(figure.Median)} | {figure.Unit} | {figure.Note} |");
        if (_bars.Count > 0) text.AppendLine();
        foreach ((string bar, bool isMet) in _bars) text.AppendLine(CultureInfo.InvariantCulture, $"* {(isMet ? "met" : "NOT MET")}: {bar}");
        if (_skipped.Count + _warnings.Count > 0) text.AppendLine();
        foreach (string warning in _warnings) text.AppendLine(CultureInfo.InvariantCulture, $"* warning: {warning}");
        foreach (string skipped in _skipped) text.AppendLine(CultureInfo.InvariantCulture, $"* skipped: {skipped}");
        return text.ToString();
    }

    private string Json()
    {
        using var body = new MemoryStream();
        using (var json = new Utf8JsonWriter(body))
        {
            json.WriteStartObject();
            json.WriteString("machine", Machine());
            json.WriteStartArray("figures");
            foreach (Figure figure in _figures)
            {
                json.WriteStartObject();
                json.WriteString("name", figure.Name);
                json.WriteString("build", figure.Build);
                json.WriteNumber("median", Math.Round(figure.Median, 3));
                json.WriteString("unit", figure.Unit);
                json.WriteStartArray("runs");
                foreach (double run in figure.Runs) json.WriteNumberValue(Math.Round(run, 3));
                json.WriteEndArray();
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteStartArray("warnings");
            foreach (string warning in _warnings) json.WriteStringValue(warning);
            json.WriteEndArray();
            json.WriteStartArray("bars");
            foreach ((string bar, bool isMet) in _bars)
            {
                json.WriteStartObject();
                json.WriteString("bar", bar);
                json.WriteBoolean("met", isMet);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(body.ToArray());
    }

    private static string Machine()
    {
        string memory = File.ReadLines("/proc/meminfo").First().Split(' ', StringSplitOptions.RemoveEmptyEntries)[1];
        return string.Create(CultureInfo.InvariantCulture, $"{RuntimeInformation.OSArchitecture.ToString().ToLowerInvariant()}, {Environment.ProcessorCount} cores, {long.Parse(memory, CultureInfo.InvariantCulture) >> 20} GiB, Linux {Environment.OSVersion.Version.ToString(2)}, .NET {Environment.Version}");
    }

    private static string Text(double value) => value.ToString(Math.Abs(value) >= 100 ? "#,0" : "0.00", CultureInfo.InvariantCulture);
}
