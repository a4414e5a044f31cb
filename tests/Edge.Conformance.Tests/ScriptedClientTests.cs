using System.Text.Json;
using Edge.Testing.Processes;
using Xunit;

namespace Edge.Conformance.Tests;

/// <summary>JavaScript clients, each with a script of its own that prints a line of JSON for each operation.</summary>
[Collection("conformance")]
public sealed class ScriptedClientTests(ConformanceRun run)
{
    [ClientFact("kafkajs")]
    public Task KafkaJs_AllOperations_Work() => RunAsync("kafkajs", "kafkajs.mjs", "kafkajs-topic");

    [ClientFact("@platformatic/kafka")]
    public Task Platformatic_AllOperations_Work() => RunAsync("@platformatic/kafka", "platformatic.mjs", "platformatic-topic");

    private async Task RunAsync(string client, string script, string topic)
    {
        string manifest = await File.ReadAllTextAsync(Path.Combine(Clients.JavaScriptFolder, "node_modules", client, "package.json"));
        string name = $"{client} {JsonDocument.Parse(manifest).RootElement.GetProperty("version").GetString()}";
        CommandResult result = await Command.RunAsync(ToolPath.Find("node")!, [script, run.Bootstrap, topic], timeout: TimeSpan.FromSeconds(120), workingDirectory: Clients.JavaScriptFolder);
        var failures = new List<string>();
        int operations = 0;
        foreach (string line in result.StandardOutput.Split('\n').Where(static l => l.StartsWith('{')))
        {
            JsonElement step = JsonDocument.Parse(line).RootElement;
            bool ok = step.GetProperty("ok").GetBoolean();
            operations++;
            run.Note(name, step.GetProperty("operation").GetString()!, ok ? "works" : $"**fails**: {step.GetProperty("detail").GetString()!.Split('\n')[0]}");
            if (!ok) failures.Add($"{step.GetProperty("operation").GetString()}: {step.GetProperty("detail").GetString()}");
        }
        Assert.True(failures.Count == 0, string.Join('\n', failures));
        Assert.True(result.ExitCode == 0 && operations >= 7, $"{operations} operations, exit code {result.ExitCode}: {result.StandardError}");
    }
}
