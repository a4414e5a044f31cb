using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Edge.Host.Configuration;
using Edge.Log.Storage;
using Edge.Log.Tools;

namespace Edge.Host.Commands;

/// <summary><c>edge backup DIR</c>: a consistent copy of a running appliance's data directory.</summary>
internal static class BackupCommand
{
    public static Command Create(Shell shell)
    {
        var target = new Argument<string>("DIR") { Description = "Folder for the copy; made, or empty." };
        var rate = new Option<string?>("--rate") { Description = "Most bytes a second, for example 5MiB; default as fast as it goes." };
        Command command = CommonOptions.Remote(new Command("backup", "Copy the data directory of the running appliance: start an appliance on the copy to restore it. The copy is read back and checked.") { target, rate });
        command.SetAction(async (parsed, cancellationToken) =>
        {
            string directory = parsed.GetRequiredValue(target);
            if (File.Exists(directory) || (Directory.Exists(directory) && Directory.EnumerateFileSystemEntries(directory).Any()))
                throw new CommandException(ExitCode.Usage, $"'{directory}' is not empty; a backup goes into a folder of its own.");
            string path = "/api/v1/backup" + (parsed.GetValue(rate) is { } text ? string.Create(CultureInfo.InvariantCulture, $"?rate={Rate(text)}") : "");
            using ApplianceClient client = CommonOptions.Client(parsed);
            BackupManifest manifest;
            using (Stream archive = await client.StreamAsync(path, cancellationToken).ConfigureAwait(false))
            {
                try { manifest = await BackupReceiver.ReceiveAsync(archive, directory, cancellationToken).ConfigureAwait(false); }
                catch (Exception e) when (e is IOException or HttpRequestException or InvalidDataException or JsonException)
                {
                    throw new CommandException(ExitCode.Unreachable, $"the backup is not complete ({e.Message}); '{directory}' has no '{OfflineJournal.FormatFile}' and no appliance starts on it.");
                }
            }
            VerifyReport report = Verify(directory, cancellationToken);
            if (parsed.GetValue(CommonOptions.Json)) CommonOptions.PrintJson(shell, json => Write(json, directory, manifest, report));
            else
            {
                if (!report.IsSound) LogReports.Print(shell, directory, report);
                shell.Line(string.Create(CultureInfo.InvariantCulture, $"{directory}: {manifest.Device}, log {manifest.Log}, {manifest.Files} files, {manifest.Bytes} bytes, {report.Records} records, taken {manifest.Taken}: {(report.IsSound ? "sound" : "the copy is damaged as said above")}"));
            }
            return report.IsSound ? ExitCode.Done : ExitCode.No;
        });
        return command;
    }

    private static VerifyReport Verify(string directory, CancellationToken cancellationToken)
    {
        using OfflineJournal journal = OfflineJournal.Open(new PosixDisk(Path.Combine(directory, "journal")));
        return JournalVerifier.Run(journal, cancellationToken);
    }

    private static long Rate(string text) => ConfigText.TryParseSize(text, out long bytes) && bytes >= 512 << 10
        ? bytes : throw new CommandException(ExitCode.Usage, $"--rate is '{text}'; use 512KiB or more, for example 5MiB.");

    private static void Write(Utf8JsonWriter json, string directory, BackupManifest manifest, VerifyReport report)
    {
        json.WriteStartObject();
        json.WriteString("directory"u8, directory);
        json.WriteString("device"u8, manifest.Device);
        json.WriteString("log"u8, manifest.Log);
        json.WriteString("taken"u8, manifest.Taken);
        json.WriteNumber("files"u8, manifest.Files);
        json.WriteNumber("bytes"u8, manifest.Bytes);
        json.WriteNumber("records"u8, report.Records);
        json.WriteString("verdict"u8, report.IsSound ? "sound" : report.HasDataDamage ? "damaged" : "derived");
        json.WriteEndObject();
    }
}
