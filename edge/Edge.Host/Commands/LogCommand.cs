using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Edge.Log.Storage;
using Edge.Log.Tools;

namespace Edge.Host.Commands;

/// <summary><c>edge log verify|dump|export|repair</c>: looks into the files of an appliance that does not run.</summary>
internal static class LogCommand
{
    public static Command Create(Shell shell)
    {
        var command = new Command("log", "Check, print, export or repair the journal of an appliance that does not run.");
        command.Add(CreateVerify(shell));
        command.Add(CreateDump(shell));
        command.Add(CreateExport(shell));
        command.Add(CreateRepair(shell));
        return command;
    }

    private static Command CreateVerify(Shell shell)
    {
        var verify = new Command("verify", "Read everything and check it: 0 sound, 1 damage, 3 cannot be opened. Changes nothing.") { CommonOptions.Data };
        verify.SetAction((parsed, cancellationToken) => Task.Run(() =>
        {
            using OfflineDirectory directory = OfflineDirectory.Open(parsed.GetValue(CommonOptions.Data), toWrite: false);
            using OfflineJournal journal = OfflineJournal.Open(directory.Journal);
            VerifyReport report = JournalVerifier.Run(journal, cancellationToken);
            if (parsed.GetValue(CommonOptions.Json)) CommonOptions.PrintJson(shell, json => LogReports.Write(json, directory.Path, report));
            else LogReports.Print(shell, directory.Path, report);
            return report.IsSound ? ExitCode.Done : ExitCode.No;
        }, cancellationToken));
        return verify;
    }

    private static Command CreateDump(Shell shell)
    {
        var topic = new Option<string?>("--topic") { Description = "One topic; default all that are not internal." };
        var partition = new Option<int?>("--partition") { Description = "One partition of the topic." };
        var from = new Option<long>("--from") { Description = "First offset, in each partition." };
        var limit = new Option<long?>("--limit") { Description = "End after that many records." };
        var isInternal = new Option<bool>("--internal") { Description = "Internal topics too." };
        var segments = new Option<bool>("--segments") { Description = "The segments instead of the records." };
        var dump = new Command("dump", "Print records with the place where they lie. Changes nothing.") { CommonOptions.Data, topic, partition, from, limit, isInternal, segments };
        dump.Validators.Add(result =>
        {
            if (result.GetValue(partition) is not null && result.GetValue(topic) is null) result.AddError("--partition needs --topic.");
            if (result.GetValue(limit) < 0 || result.GetValue(from) < 0) result.AddError("--from and --limit are 0 or more.");
        });
        dump.SetAction((parsed, cancellationToken) => Task.Run(() =>
        {
            using OfflineDirectory directory = OfflineDirectory.Open(parsed.GetValue(CommonOptions.Data), toWrite: false);
            using OfflineJournal journal = OfflineJournal.Open(directory.Journal);
            bool asJson = parsed.GetValue(CommonOptions.Json);
            if (parsed.GetValue(segments))
            {
                foreach (SegmentSummary segment in JournalDump.Segments(journal))
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    if (asJson) CommonOptions.PrintJson(shell, json => LogReports.Write(json, segment));
                    else LogReports.Print(shell, segment);
                }
                return ExitCode.Done;
            }
            var filter = new DumpFilter { Topic = parsed.GetValue(topic), Partition = parsed.GetValue(partition), From = parsed.GetValue(from), Limit = parsed.GetValue(limit) ?? long.MaxValue, Internal = parsed.GetValue(isInternal) };
            using var output = new RecordDump(shell.Output, asJson);
            Named(() => JournalDump.Run(journal, filter, output.Write, cancellationToken));
            return ExitCode.Done;
        }, cancellationToken));
        return dump;
    }

    private static Command CreateExport(Shell shell)
    {
        var topic = new Option<string>("--topic") { Description = "Name of the topic.", Required = true };
        var partition = new Option<int?>("--partition") { Description = "One partition; default all." };
        var target = new Argument<string>("DIR") { Description = "Folder that gets TOPIC-PARTITION folders; existing files are never overwritten." };
        var export = new Command("export", "Write a topic as Kafka segment files (.log, .index, .timeindex).") { CommonOptions.Data, topic, partition, target };
        export.SetAction((parsed, cancellationToken) => Task.Run(() =>
        {
            using OfflineDirectory directory = OfflineDirectory.Open(parsed.GetValue(CommonOptions.Data), toWrite: false);
            using OfflineJournal journal = OfflineJournal.Open(directory.Journal);
            string root = parsed.GetRequiredValue(target);
            IReadOnlyList<ExportedPartition> partitions = Named(() => KafkaExport.Run(journal, parsed.GetRequiredValue(topic), parsed.GetValue(partition), name => new PosixDisk(Path.Combine(root, name)), cancellationToken: cancellationToken));
            if (parsed.GetValue(CommonOptions.Json)) CommonOptions.PrintJson(shell, json => LogReports.Write(json, root, partitions));
            else foreach (ExportedPartition p in partitions) LogReports.Print(shell, p);
            return partitions.Any(static p => p.Left > 0) ? ExitCode.No : ExitCode.Done;
        }, cancellationToken));
        return export;
    }

    private static Command CreateRepair(Shell shell)
    {
        var apply = new Option<bool>("--apply") { Description = "Do it. Without, only say what would be done." };
        var repair = new Command("repair", "Say what would put a damaged journal right; --apply does it. Bytes are only ever moved to the quarantine folder of the data directory.") { CommonOptions.Data, apply };
        repair.SetAction((parsed, cancellationToken) => Task.Run(() =>
        {
            bool doIt = parsed.GetValue(apply);
            using OfflineDirectory directory = OfflineDirectory.Open(parsed.GetValue(CommonOptions.Data), toWrite: doIt);
            RepairPlan plan = JournalRepair.Plan(directory.Journal);
            string quarantine = Path.Combine(directory.Path, "quarantine");
            if (doIt && plan.Actions.Count > 0) JournalRepair.Apply(directory.Journal, plan, new PosixDisk(quarantine), shell.TimeProvider.GetUtcNow());
            if (parsed.GetValue(CommonOptions.Json)) CommonOptions.PrintJson(shell, json => LogReports.Write(json, plan, quarantine, doIt));
            else LogReports.Print(shell, plan, quarantine, doIt);
            // Without --apply the answer is whether anything is to be done; with it, whether anything is left.
            return plan.Unrepairable.Count > 0 || (!doIt && plan.Actions.Count > 0) ? ExitCode.No : ExitCode.Done;
        }, cancellationToken));
        return repair;
    }

    /// <summary>A topic or partition that is not there is wrong usage.</summary>
    private static T Named<T>(Func<T> work)
    {
        try { return work(); }
        catch (ArgumentException e) { throw new CommandException(ExitCode.Usage, e.Message); }
    }
}
