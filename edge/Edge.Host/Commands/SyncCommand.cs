using System.CommandLine;
using System.Text.Json;

namespace Edge.Host.Commands;

/// <summary><c>edge sync</c>, <c>edge adopt</c>: the uplink of the running appliance.</summary>
internal static class SyncCommand
{
    public static Command Create(Shell shell)
    {
        Command command = CommonOptions.Remote(new Command("sync", "The uplink of the running appliance; 1 when it is halted."));
        Command status = CommonOptions.Remote(new Command("status", "What it is doing, how far it got, what waits."));
        Func<ParseResult, CancellationToken, Task<int>> statusAction = (parsed, cancellationToken) => StatusAsync(shell, parsed, cancellationToken);
        command.SetAction(statusAction);
        status.SetAction(statusAction);
        command.Add(status);
        command.Add(CreateAction(shell, "pause", "Hold forwarding back; ingest goes on, nothing unsent is removed."));
        command.Add(CreateAction(shell, "resume", "Let forwarding go on."));
        return command;
    }

    public static Command CreateAdopt(Shell shell) =>
        CreateAction(shell, "adopt", "Say that this appliance is the device, where forwarding halted over it (a cloned card, two boxes with one Device:Id).");

    private static Command CreateAction(Shell shell, string name, string description)
    {
        Command command = CommonOptions.Remote(new Command(name, description));
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using ApplianceClient client = CommonOptions.Client(parsed);
            using JsonDocument? answer = await client.SendAsync(HttpMethod.Post, $"/api/v1/sync/{name}", null, cancellationToken).ConfigureAwait(false);
            if (parsed.GetValue(CommonOptions.Json)) CommonOptions.PrintJson(shell, answer!.RootElement);
            else shell.Line($"{name}: done");
            return ExitCode.Done;
        });
        return command;
    }

    private static async Task<int> StatusAsync(Shell shell, ParseResult parsed, CancellationToken cancellationToken)
    {
        using ApplianceClient client = CommonOptions.Client(parsed);
        using JsonDocument all = await client.GetAsync("/api/v1/status", cancellationToken).ConfigureAwait(false);
        JsonElement sync = all.RootElement.GetProperty("sync");
        if (parsed.GetValue(CommonOptions.Json)) CommonOptions.PrintJson(shell, sync);
        else Print(shell, sync);
        return Text(sync, "state") == "halted" ? ExitCode.No : ExitCode.Done;
    }

    private static void Print(Shell shell, JsonElement sync)
    {
        shell.Line($"{Text(sync, "state")}, {Text(sync, "delivery")}{(Text(sync, "bootstrapServers") is { Length: > 0 } servers ? $", to {servers}" : "")}");
        shell.Line($"forwarded {Text(sync, "recordsForwarded")} records in {Text(sync, "transactions")} transactions ({Text(sync, "transactionsAborted")} undone, {Text(sync, "producers")} producers), "
            + $"{Text(sync, "recordsDeadLettered")} as pointers, {Text(sync, "gapsAnnounced")} gaps announced");
        shell.Line($"waiting   {Text(sync, "backlogRecords")} records, about {Text(sync, "backlogBytes")} bytes{(Text(sync, "oldestBacklog") is { Length: > 0 } oldest ? $", the oldest of {oldest}" : "")}");
        if (Text(sync, "haltReason") is { Length: > 0 } halted) shell.Line($"HALTED    {halted}");
        if (Text(sync, "lastError") is { Length: > 0 } error) shell.Line($"last error {Text(sync, "lastErrorTime")}: {error}");
        foreach (JsonElement partition in sync.GetProperty("partitions").EnumerateArray())
        {
            shell.Line($"  {Text(partition, "topic")}/{Text(partition, "partition")} -> {Text(partition, "centralTopic")}: {Text(partition, "next")} of {Text(partition, "highWatermark")}"
                + (Text(partition, "pausedReason") is { Length: > 0 } reason ? $"; held back: {reason}" : ""));
        }
    }

    private static string Text(JsonElement element, string name) => element.TryGetProperty(name, out JsonElement value) ? value.ToString() : "";
}
