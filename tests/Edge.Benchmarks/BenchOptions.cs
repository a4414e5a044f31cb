using System.Globalization;
using Edge.Testing.Processes;

namespace Edge.Benchmarks;

/// <summary>What is measured, and with what.</summary>
internal sealed record BenchOptions
{
    /// <summary>Length of one throughput run, without its warm-up.</summary>
    public int Seconds { get; set; } = 3;

    /// <summary>Runs of each measurement; the median counts.</summary>
    public int Runs { get; set; } = 3;

    /// <summary>Empty = everything.</summary>
    public HashSet<string> Only { get; set; } = [];

    /// <summary>The program on the shared runtime.</summary>
    public string Edge { get; set; } = "";

    /// <summary>The native program; null = not built.</summary>
    public string? Native { get; set; } = EdgeExecutable.Native;

    /// <summary>The MQTT load generator; null = not there.</summary>
    public string? MqttLoad { get; set; }

    /// <summary>Directory on the disk that is measured; what is written there is deleted.</summary>
    public string Work { get; set; } = Path.Combine(ToolPath.Root, "artifacts", "bench");

    /// <summary>Markdown file the report goes to.</summary>
    public string? Save { get; set; }

    public bool Wants(string what) => Only.Count == 0 || Only.Contains(what);

    /// <exception cref="ArgumentException">Unknown, or a value that is not allowed.</exception>
    public static BenchOptions Parse(string[] arguments)
    {
        var options = new BenchOptions();
        for (int i = 0; i < arguments.Length; i += 2)
        {
            string name = arguments[i], value = i + 1 < arguments.Length ? arguments[i + 1] : throw new ArgumentException($"{name} needs a value.");
            switch (name)
            {
                case "--seconds": options.Seconds = Number(name, value); break;
                case "--runs": options.Runs = Number(name, value); break;
                case "--only": options.Only = [.. value.Split(',')]; break;
                case "--edge": options.Edge = Existing(name, value); break;
                case "--native": options.Native = Existing(name, value); break;
                case "--mqttload": options.MqttLoad = Existing(name, value); break;
                case "--work": options.Work = value; break;
                case "--save": options.Save = value; break;
                default: throw new ArgumentException($"{name} is not known.");
            }
        }
        if (options.Edge.Length == 0) options.Edge = EdgeExecutable.Default;
        return options;
    }

    private static int Number(string name, string value) =>
        int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number is > 0 and <= 3600 ? number : throw new ArgumentException($"{name} is '{value}'; use 1 to 3600.");

    private static string Existing(string name, string value) => File.Exists(value) ? value : throw new ArgumentException($"{name} is '{value}'; there is no such file.");
}
