using System.CommandLine;
using System.Text.Json;

namespace Edge.Host.Commands;

/// <summary>Options that several commands share, and what they mean.</summary>
internal static class CommonOptions
{
    public static Option<bool> Json { get; } = new("--json") { Description = "One JSON document (or one a line) on standard output, nothing else.", Recursive = true };
    public static Option<string?> Url { get; } = new("--url") { Description = "Address of a running appliance, http://host:port." };
    public static Option<string?> Data { get; } = new("--data") { Description = "Data directory; default ./data, as a service /var/lib/edge." };
    public static Option<string?> Config { get; } = new("--config") { Description = "Configuration file." };
    public static Option<string[]> Set { get; } = new("--set") { Description = "KEY=VALUE, overrides file and environment; may be repeated.", AllowMultipleArgumentsPerToken = false };

    /// <summary>Adds what finds a running appliance.</summary>
    public static Command Remote(Command command)
    {
        command.Add(Url);
        command.Add(Data);
        return command;
    }

    public static ApplianceClient Client(ParseResult parsed) => ApplianceClient.Find(parsed.GetValue(Url), parsed.GetValue(Data));

    /// <summary>The document as it came, on one line.</summary>
    public static void PrintJson(Shell shell, JsonElement element)
    {
        using (var json = new Utf8JsonWriter(shell.Output, new JsonWriterOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping })) element.WriteTo(json);
        shell.Line("");
    }

    public static void PrintJson(Shell shell, Action<Utf8JsonWriter> write)
    {
        using (var json = new Utf8JsonWriter(shell.Output, new JsonWriterOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping })) write(json);
        shell.Line("");
    }
}
