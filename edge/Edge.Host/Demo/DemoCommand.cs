using System.CommandLine;
using Spectre.Console;

namespace Edge.Host.Demo;

/// <summary><c>edge demo</c>, what scripts/run calls: an appliance, a stand-in for the centre, and this machine's sensors as input.</summary>
internal static class DemoCommand
{
    /// <summary>The command and its actions. Exit code 0: nothing lost; 1: something was, or is not delivered; 2: wrong usage or it could not start.</summary>
    public static Command Create()
    {
        var outage = new Option<double>("--outage") { Description = "Cut the link to the centre for that many seconds.", HelpName = "SECONDS" };
        var outageAfter = new Option<double?>("--outage-after") { Description = "When the link is cut. Default: 10 s after the start, earlier in a short run.", HelpName = "SECONDS" };
        var duration = new Option<double?>("--for") { Description = "End after that many seconds. Default: until Ctrl-C.", HelpName = "SECONDS" };
        var centre = new Option<string?>("--centre") { Description = "Forward to this Kafka cluster instead of the stand-in.", HelpName = "HOST:PORT" };
        var data = new Option<string?>("--data") { Description = "Keep the data in this directory and go on where it stopped. Default: a new one below ./data.", HelpName = "DIR" };
        var command = new Command("demo", "The main job on this machine: sensors and MQTT in, durable, forwarded, audited.");
        foreach (Option option in new Option[] { outage, outageAfter, duration, centre, data }) command.Options.Add(option);
        command.Subcommands.Add(DemoChild.Create());
        command.SetAction(async (result, cancellationToken) =>
        {
            var options = new DemoOptions
            {
                Outage = TimeSpan.FromSeconds(result.GetValue(outage)),
                OutageAfter = result.GetValue(outageAfter) is { } after ? TimeSpan.FromSeconds(after) : null,
                Duration = result.GetValue(duration) is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
                Centre = result.GetValue(centre),
                DataDirectory = result.GetValue(data),
            };
            string[] problems = [.. options.Validate()];
            foreach (string problem in problems) await Console.Error.WriteLineAsync(problem).ConfigureAwait(false);
            if (problems.Length > 0) return 2;
            IDemoView view = Console.IsOutputRedirected || !AnsiConsole.Profile.Capabilities.Interactive ? new DemoLines(Console.Out) : new DemoScreen(AnsiConsole.Console);
            return await DemoRunner.RunAsync(options, view, TimeProvider.System, cancellationToken).ConfigureAwait(false);
        });
        return command;
    }
}
