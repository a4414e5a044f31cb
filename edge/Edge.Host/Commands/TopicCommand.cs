using System.Buffers;
using System.CommandLine;
using System.Text.Json;

namespace Edge.Host.Commands;

/// <summary><c>edge topics</c>, <c>edge topic create|describe|set|delete</c>.</summary>
internal static class TopicCommand
{
    public static Command CreateList(Shell shell)
    {
        var all = new Option<bool>("--internal") { Description = "Internal topics as well." };
        Command command = CommonOptions.Remote(new Command("topics", "The topics of the running appliance.") { all });
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using ApplianceClient client = CommonOptions.Client(parsed);
            using JsonDocument answer = await client.GetAsync($"/api/v1/topics?internal={(parsed.GetValue(all) ? "true" : "false")}", cancellationToken).ConfigureAwait(false);
            if (parsed.GetValue(CommonOptions.Json)) CommonOptions.PrintJson(shell, answer.RootElement);
            else foreach (JsonElement topic in answer.RootElement.GetProperty("topics").EnumerateArray())
                shell.Line($"{topic.GetProperty("name").GetString(),-32} {topic.GetProperty("partitions").GetArrayLength(),4} partitions {topic.GetProperty("records"),12} records");
            return ExitCode.Done;
        });
        return command;
    }

    public static Command Create(Shell shell)
    {
        var command = new Command("topic", "Create, describe, set or delete a topic.");
        var name = new Argument<string>("NAME") { Description = "Name of the topic." };
        var partitions = new Option<int?>("--partitions") { Description = "Number of partitions." };
        var config = new Option<string[]>("--config") { Description = "NAME=VALUE, for example retention.ms=3600000; may be repeated." };
        Add("create", "Make a topic.", HttpMethod.Post, [partitions, config]);
        Add("describe", "Show a topic, its partitions and settings.", HttpMethod.Get, []);
        Add("set", "Change settings, or add partitions.", HttpMethod.Patch, [partitions, config]);
        Add("delete", "Delete a topic and its records.", HttpMethod.Delete, []);
        return command;

        void Add(string verb, string description, HttpMethod method, Option[] options)
        {
            Command child = CommonOptions.Remote(new Command(verb, description) { name });
            foreach (Option option in options) child.Add(option);
            child.SetAction(async (parsed, cancellationToken) =>
            {
                using ApplianceClient client = CommonOptions.Client(parsed);
                string topic = parsed.GetRequiredValue(name);
                byte[]? body = options.Length == 0 ? null : Body(topic, parsed.GetValue(partitions), parsed.GetValue(config) ?? []);
                string path = method == HttpMethod.Post ? "/api/v1/topics" : $"/api/v1/topics/{Uri.EscapeDataString(topic)}";
                using JsonDocument? answer = await client.SendAsync(method, path, body, cancellationToken).ConfigureAwait(false);
                if (parsed.GetValue(CommonOptions.Json)) Json(answer);
                else if (verb == "describe") Describe(shell, answer!.RootElement);
                else shell.Line($"{topic}: {(verb == "set" ? "set" : verb + "d")}");
                return ExitCode.Done;

                void Json(JsonDocument? document)
                {
                    if (document is not null) CommonOptions.PrintJson(shell, document.RootElement);
                    else CommonOptions.PrintJson(shell, json =>
                    {
                        json.WriteStartObject();
                        json.WriteString("deleted"u8, topic);
                        json.WriteEndObject();
                    });
                }
            });
            command.Add(child);
        }
    }

    private static byte[] Body(string name, int? partitions, string[] settings)
    {
        var body = new ArrayBufferWriter<byte>(256);
        using (var json = new Utf8JsonWriter(body))
        {
            json.WriteStartObject();
            json.WriteString("name"u8, name);
            if (partitions is { } count) json.WriteNumber("partitions"u8, count);
            json.WriteStartObject("config"u8);
            foreach (string setting in settings)
            {
                int equals = setting.IndexOf('=', StringComparison.Ordinal);
                if (equals <= 0) throw new CommandException(ExitCode.Usage, $"--config is '{setting}'; use NAME=VALUE, for example retention.ms=3600000.");
                json.WriteString(setting[..equals], setting[(equals + 1)..]);
            }
            json.WriteEndObject();
            json.WriteEndObject();
        }
        return body.WrittenSpan.ToArray();
    }

    private static void Describe(Shell shell, JsonElement topic)
    {
        shell.Line($"{topic.GetProperty("name").GetString()}: {topic.GetProperty("records")} records");
        foreach (JsonElement p in topic.GetProperty("partitions").EnumerateArray())
            shell.Line($"  partition {p.GetProperty("partition")}: {p.GetProperty("logStartOffset")} to {p.GetProperty("highWatermark")}");
        foreach (JsonProperty setting in topic.GetProperty("config").EnumerateObject()) shell.Line($"  {setting.Name} = {setting.Value}");
    }
}
