using System.CommandLine;
using System.Globalization;
using Edge.CloudSync.Audit;

namespace Edge.Host.Commands;

/// <summary><c>edge audit</c>: at the centre, what arrived of every device.</summary>
internal static class AuditCommand
{
    public static Command Create(Shell shell)
    {
        var bootstrap = new Option<string>("--bootstrap") { Description = "Addresses of the centre, host:port.", Required = true };
        var topic = new Option<string>("--topic") { Description = "Central topic.", Required = true };
        var device = new Option<string?>("--device") { Description = "One device only." };
        var config = new Option<string?>("--config") { Description = "client.properties of the centre (TLS, SASL)." };
        var command = new Command("audit", "Prove at the centre what arrived: 0 no loss, duplicate or reorder; 1 otherwise.") { bootstrap, topic, device, config };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            AuditReport report;
            try
            {
                var options = new AuditOptions { BootstrapServers = parsed.GetRequiredValue(bootstrap), Topic = parsed.GetRequiredValue(topic), Device = parsed.GetValue(device), Client = Properties(parsed.GetValue(config)) };
                report = await CentreAudit.RunAsync(options, shell.TimeProvider, cancellationToken).ConfigureAwait(false);
            }
            catch (AuditException e) { throw new CommandException(ExitCode.Unreachable, e.Message); }
            if (parsed.GetValue(CommonOptions.Json)) AuditJson.Write(report, shell.Output);
            else Print(shell, report);
            return report.IsClean ? ExitCode.Done : ExitCode.No;
        });
        return command;
    }

    /// <summary>Reads a client.properties file.</summary>
    public static Dictionary<string, string> Properties(string? path)
    {
        if (path is null) return [];
        try { return ClientProperties.Parse(File.ReadAllText(path)); }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException) { throw new CommandException(ExitCode.Usage, $"--config {path}: {e.Message}"); }
    }

    private static void Print(Shell shell, AuditReport report)
    {
        foreach (AuditRow row in report.Rows)
        {
            shell.Line(string.Create(CultureInfo.InvariantCulture,
                $"{row.Device} {row.Topic}/{row.Partition}: offsets {row.First} to {row.Last}, delivered {row.Delivered}, lost {row.Lost}, duplicated {row.Duplicated}, reordered {row.Reordered}, gaps {row.Gaps.Count}"));
        }
        shell.Line(string.Create(CultureInfo.InvariantCulture,
            $"{report.Topic}: {report.Rows.Count} chains, delivered {report.Delivered}, lost {report.Lost}, duplicated {report.Duplicated}, reordered {report.Reordered}: {report.Verdict}"));
    }
}
