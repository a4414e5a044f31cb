using System.Collections;
using System.Text;
using Edge.Host.Commands;
using Edge.Host.Composition;
using Edge.Host.Configuration;
using Edge.Testing.Processes;
using Microsoft.Extensions.Logging.Abstractions;

namespace Edge.Host.Tests;

/// <summary>An appliance in this process, on its own directory and free ports, and the command line against it.</summary>
internal sealed class TestAppliance : IAsyncDisposable
{
    private static readonly string[] FreePorts = ["Mqtt:Port=0", "Kafka:Port=0", "Http:Port=0"];
    private readonly TempDirectory _directory;
    private readonly bool _ownsDirectory;

    private TestAppliance(TempDirectory directory, bool ownsDirectory, Appliance appliance) => (_directory, _ownsDirectory, Appliance) = (directory, ownsDirectory, appliance);

    public Appliance Appliance { get; }
    public string Directory => _directory.Path;
    public string Kafka => $"127.0.0.1:{Appliance.Ports["kafka"]}";

    public static EdgeOptions Options(string directory, bool isHub, params string[] settings) =>
        ConfigLoader.Load(new ConfigInput(null, new Hashtable(), [$"Data:Directory={directory}", .. FreePorts, .. isHub ? Array.Empty<string>() : ["Sensors=[]"], "Storage:SegmentBytes=8MiB", "Storage:MinFreeBytes=0", .. settings], isHub)).Options;

    public static async Task<TestAppliance> StartAsync(bool isHub = false, TempDirectory? directory = null, params string[] settings)
    {
        TempDirectory own = directory ?? new TempDirectory();
        return new TestAppliance(own, directory is null, await Appliance.StartAsync(Options(own.Path, isHub, settings), TimeProvider.System, NullLoggerFactory.Instance, CancellationToken.None));
    }

    /// <summary>A command against this appliance.</summary>
    public Task<CommandResult> RunAsync(params string[] arguments) => CliAsync("", [.. arguments, "--data", Directory]);

    /// <summary>A command with input against this appliance.</summary>
    public Task<CommandResult> RunWithInputAsync(string input, params string[] arguments) => CliAsync(input, [.. arguments, "--data", Directory]);

    /// <summary>The command line, in this process.</summary>
    public static async Task<CommandResult> CliAsync(string input, params string[] arguments)
    {
        using var output = new MemoryStream();
        var error = new StringWriter();
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        int exitCode = await CommandLine.RunAsync(arguments, new Shell(output, error, new StringReader(input), TimeProvider.System), limit.Token);
        return new CommandResult(exitCode, Encoding.UTF8.GetString(output.ToArray()), error.ToString());
    }

    public async ValueTask DisposeAsync()
    {
        await Appliance.DisposeAsync();
        if (_ownsDirectory) _directory.Dispose();
    }
}
