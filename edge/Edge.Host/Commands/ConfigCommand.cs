using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Edge.Host.Configuration;

namespace Edge.Host.Commands;

/// <summary><c>edge config check|show|schema</c>.</summary>
internal static class ConfigCommand
{
    public static Command Create(Shell shell)
    {
        var command = new Command("config", "Check a configuration, show what is in effect, or list what may be set.");
        var file = new Argument<string>("FILE") { Description = "Configuration file." };
        var check = new Command("check", "Report every problem of a configuration file; 0: none, 2: some.") { file, CommonOptions.Set };
        check.SetAction(parsed => Check(shell, new ConfigInput(parsed.GetRequiredValue(file), Environment.GetEnvironmentVariables(), parsed.GetValue(CommonOptions.Set) ?? []), parsed.GetValue(CommonOptions.Json)));
        var hub = new Option<bool>("--hub") { Description = "With the defaults of edge hub." };
        var show = new Command("show", "Print every key with its value and where that came from.") { CommonOptions.Config, CommonOptions.Data, CommonOptions.Set, hub };
        show.SetAction(parsed => Show(shell, RunCommand.Input(parsed, parsed.GetValue(hub)), parsed.GetValue(CommonOptions.Json)));
        var markdown = new Option<bool>("--markdown") { Description = "The reference page instead of the JSON schema." };
        var schema = new Command("schema", "Print the JSON schema: every key, its type, unit, default and range.") { markdown };
        schema.SetAction(parsed =>
        {
            if (parsed.GetValue(markdown)) shell.Line(ConfigSchema.Markdown().TrimEnd('\n'));
            else
            {
                using (var json = new Utf8JsonWriter(shell.Output, new JsonWriterOptions { Indented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping })) ConfigSchema.Write(json);
                shell.Line("");
            }
            return ExitCode.Done;
        });
        command.Add(check);
        command.Add(show);
        command.Add(schema);
        return command;
    }

    private static int Check(Shell shell, ConfigInput input, bool asJson)
    {
        IReadOnlyList<ConfigProblem> problems = [];
        try { ConfigLoader.Load(input); }
        catch (ConfigException e) { problems = e.Problems; }
        if (asJson) CommonOptions.PrintJson(shell, json => WriteProblems(json, problems));
        else if (problems.Count == 0) shell.Line("The configuration can be used.");
        else PrintProblems(shell, problems);
        return problems.Count == 0 ? ExitCode.Done : ExitCode.Usage;
    }

    public static void PrintProblems(Shell shell, IReadOnlyList<ConfigProblem> problems)
    {
        shell.Message(problems.Count == 1 ? "the configuration has a problem:" : string.Create(CultureInfo.InvariantCulture, $"the configuration has {problems.Count} problems:"));
        foreach (ConfigProblem problem in problems) shell.Error.WriteLine($"  {problem}");
    }

    private static void WriteProblems(Utf8JsonWriter json, IReadOnlyList<ConfigProblem> problems)
    {
        json.WriteStartObject();
        json.WriteBoolean("ok"u8, problems.Count == 0);
        json.WriteStartArray("problems"u8);
        foreach (ConfigProblem problem in problems)
        {
            json.WriteStartObject();
            json.WriteString("key"u8, problem.Key);
            json.WriteString("value"u8, problem.Value);
            json.WriteString("allowed"u8, problem.Allowed);
            json.WriteString("origin"u8, problem.Origin);
            json.WriteString("text"u8, problem.ToString());
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static int Show(Shell shell, ConfigInput input, bool asJson)
    {
        LoadedConfig config = ConfigLoader.Load(input);
        if (asJson)
        {
            CommonOptions.PrintJson(shell, json =>
            {
                json.WriteStartArray();
                foreach ((string key, string value, string origin) in ConfigSchema.Effective(config))
                {
                    json.WriteStartObject();
                    json.WriteString("key"u8, key);
                    json.WriteString("value"u8, value);
                    json.WriteString("origin"u8, origin);
                    json.WriteEndObject();
                }
                json.WriteEndArray();
            });
            return ExitCode.Done;
        }
        foreach ((string key, string value, string origin) in ConfigSchema.Effective(config)) shell.Line($"{key} = {value}{(origin == "default" ? "" : $"    ({origin})")}");
        return ExitCode.Done;
    }
}
