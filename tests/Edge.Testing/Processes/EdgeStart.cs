using System.Diagnostics;
using System.Globalization;

namespace Edge.Testing.Processes;

/// <summary>How to start the program.</summary>
/// <param name="Verb"><c>run</c> or <c>hub</c>.</param>
/// <param name="DataDirectory">Its data directory.</param>
public sealed record EdgeStart(string Verb, string DataDirectory)
{
    /// <summary>Path of the program; null = <see cref="EdgeExecutable.Default"/>.</summary>
    public string? Executable { get; init; }

    /// <summary><c>Key=value</c> for --set.</summary>
    public IReadOnlyList<string> Settings { get; init; } = [];

    /// <summary>Ports to bind; 0 = any free one (default).</summary>
    public EdgePorts Ports { get; init; } = new(0, 0, 0);

    /// <summary>A quiet appliance has one sensor that reads once a day; null leaves the program's default.</summary>
    public bool QuietSensors { get; init; } = true;

    /// <summary>How long until it must be ready.</summary>
    public TimeSpan ReadyTimeout { get; init; } = TimeSpan.FromSeconds(60);

    public IReadOnlyList<string> Arguments
    {
        get
        {
            var arguments = new List<string> { Verb, "--data", DataDirectory };
            IEnumerable<string> settings =
            [
                string.Create(CultureInfo.InvariantCulture, $"Mqtt:Port={Ports.Mqtt}"),
                string.Create(CultureInfo.InvariantCulture, $"Kafka:Port={Ports.Kafka}"),
                string.Create(CultureInfo.InvariantCulture, $"Http:Port={Ports.Http}"),
                .. Verb == "run" && QuietSensors ? ["Sensors:0:Driver=host", "Sensors:0:Interval=1d"] : Array.Empty<string>(),
                .. Settings,
            ];
            foreach (string setting in settings) arguments.AddRange(["--set", setting]);
            return arguments;
        }
    }

    internal ProcessStartInfo ToStartInfo()
    {
        var start = new ProcessStartInfo(Executable ?? EdgeExecutable.Default, Arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["DOTNET_NOLOGO"] = "1";
        return start;
    }
}
