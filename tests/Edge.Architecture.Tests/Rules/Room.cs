namespace Edge.Architecture.Tests.Rules;

/// <summary>A line of the reference table: what a room may use.</summary>
/// <param name="Name">Project name.</param>
/// <param name="MayReference">Other rooms.</param>
/// <param name="MayUsePackages">Packages in its project file.</param>
/// <param name="MayUseAspNet">Whether it may use the web framework.</param>
public sealed record Room(string Name, IReadOnlyList<string> MayReference, IReadOnlyList<string> MayUsePackages, bool MayUseAspNet)
{
    private const string Logging = "Microsoft.Extensions.Logging.Abstractions";

    /// <summary>The reference table. ARCHITECTURE.md has it for readers; adding a line here is a decision (docs/decisions).</summary>
    public static IReadOnlyList<Room> All { get; } =
    [
        new("Edge.Log", [], [Logging, "Snappier", "ZstdSharp.Port", "K4os.Compression.LZ4.Streams"], false),
        new("Edge.Catalog", ["Edge.Log"], [Logging, "LiteDB"], false),
        new("Edge.Ingest", ["Edge.Log", "Edge.Catalog"], [Logging], false),
        new("Edge.Mqtt", ["Edge.Ingest", "Edge.Log", "Edge.Catalog"], ["MQTTnet"], true),
        new("Edge.Kafka", ["Edge.Ingest", "Edge.Log", "Edge.Catalog"], [], true),
        new("Edge.CloudSync", ["Edge.Log", "Edge.Ingest", "Edge.Catalog"], [Logging, "Confluent.Kafka"], false),
        new("Edge.Hardware", ["Edge.Ingest", "Edge.Log"], [Logging, "System.Device.Gpio"], false),
        new("Edge.Hardware.Bindings", ["Edge.Hardware"], ["System.Device.Gpio", "Iot.Device.Bindings"], false),
        new("Edge.Http", ["Edge.Ingest", "Edge.Log", "Edge.Catalog"], [], true),
        new("Edge.Host",
            ["Edge.Log", "Edge.Catalog", "Edge.Ingest", "Edge.Mqtt", "Edge.Kafka", "Edge.CloudSync", "Edge.Hardware", "Edge.Http"],
            ["System.CommandLine", "Spectre.Console"], true),
    ];

    /// <summary>Assemblies of third parties that only one room may use.</summary>
    public static IReadOnlyDictionary<string, string> Walls { get; } = new Dictionary<string, string>
    {
        ["Confluent.Kafka"] = "Edge.CloudSync",
        ["LiteDB"] = "Edge.Catalog",
        ["MQTTnet"] = "Edge.Mqtt",
        ["System.Device.Gpio"] = "Edge.Hardware",
        ["System.CommandLine"] = "Edge.Host",
        ["Spectre.Console"] = "Edge.Host",
        ["Snappier"] = "Edge.Log",
        ["ZstdSharp"] = "Edge.Log",
        ["K4os.Compression.LZ4.Streams"] = "Edge.Log",
    };
}
