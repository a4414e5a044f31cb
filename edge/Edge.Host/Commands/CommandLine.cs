using System.CommandLine;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using Edge.Host.Composition;
using Edge.Host.Configuration;
using Edge.Host.Demo;
using Edge.Log;

namespace Edge.Host.Commands;

/// <summary>The <c>edge</c> command line: every command, and how its end becomes an exit code.</summary>
internal static class CommandLine
{
    public static async Task<int> RunAsync(IReadOnlyList<string> arguments, Shell shell, CancellationToken cancellationToken = default)
    {
        ParseResult parsed = CreateRoot(shell).Parse(arguments);
        if (parsed.Action is ParseErrorAction)
        {
            foreach (ParseError error in parsed.Errors) shell.Message(error.Message);
            shell.Message($"see 'edge {string.Join(' ', Path(parsed))}--help'.");
            return ExitCode.Usage;
        }
        try
        {
            return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null }, cancellationToken).ConfigureAwait(false);
        }
        catch (CommandException e)
        {
            shell.Message(e.Message);
            return e.ExitCode;
        }
        catch (ConfigException e)
        {
            ConfigCommand.PrintProblems(shell, e.Problems);
            return ExitCode.Usage;
        }
        catch (EdgeException e)
        {
            shell.Message(e.Message);
            return ExitCode.Unreachable;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested) { return ExitCode.Done; }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            shell.Message(e.Message);
            return ExitCode.Unreachable;
        }
    }

    private static RootCommand CreateRoot(Shell shell)
    {
        var root = new RootCommand("Edge: ingests sensor readings over MQTT, Kafka and HTTP, keeps them durably, forwards them to a central Kafka cluster.");
        root.Options.OfType<VersionOption>().ToList().ForEach(option => root.Options.Remove(option));
        root.Add(CommonOptions.Json);
        root.Add(RunCommand.Create(shell, isHub: false));
        root.Add(RunCommand.Create(shell, isHub: true));
        root.Add(StatusCommand.Create(shell));
        root.Add(TopicCommand.CreateList(shell));
        root.Add(TopicCommand.Create(shell));
        root.Add(RecordCommands.CreateConsume(shell));
        root.Add(RecordCommands.CreateProduce(shell));
        root.Add(StatusCommand.CreateSensors(shell));
        root.Add(HardwareCommand.Create(shell));
        root.Add(ConfigCommand.Create(shell));
        root.Add(LogCommand.Create(shell));
        root.Add(BackupCommand.Create(shell));
        root.Add(SyncCommand.Create(shell));
        root.Add(SyncCommand.CreateAdopt(shell));
        root.Add(AuditCommand.Create(shell));
        root.Add(UserCommand.Create(shell));
        root.Add(UserCommand.CreateAcl(shell));
        root.Add(FleetCommand.Create(shell));
        root.Add(DemoCommand.Create());
        root.Add(CreateVersion(shell));
        return root;
    }

    private static Command CreateVersion(Shell shell)
    {
        var command = new Command("version", "Print the version.");
        command.SetAction(parsed =>
        {
            if (!parsed.GetValue(CommonOptions.Json)) shell.Line($"edge {Appliance.ProductVersion}");
            else CommonOptions.PrintJson(shell, static json =>
            {
                json.WriteStartObject();
                json.WriteString("version"u8, Appliance.ProductVersion);
                json.WriteEndObject();
            });
            return ExitCode.Done;
        });
        return command;
    }

    private static List<string> Path(ParseResult parsed)
    {
        var names = new List<string>();
        for (SymbolResult? at = parsed.CommandResult; at is CommandResult { Command: not RootCommand } result; at = at.Parent) names.Insert(0, result.Command.Name);
        if (names.Count > 0) names.Add("");
        return names;
    }
}
