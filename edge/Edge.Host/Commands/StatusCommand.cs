using System.CommandLine;
using System.Globalization;
using System.Text.Json;

namespace Edge.Host.Commands;

/// <summary><c>edge status</c>, <c>edge sensors</c>.</summary>
internal static class StatusCommand
{
    public static Command Create(Shell shell)
    {
        Command command = CommonOptions.Remote(new Command("status", "What the running appliance does; 1 when it is not ready."));
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using ApplianceClient client = CommonOptions.Client(parsed);
            using JsonDocument status = await client.GetAsync("/api/v1/status", cancellationToken).ConfigureAwait(false);
            if (parsed.GetValue(CommonOptions.Json)) CommonOptions.PrintJson(shell, status.RootElement);
            else Print(shell, status.RootElement);
            return status.RootElement.GetProperty("ready").GetBoolean() ? ExitCode.Done : ExitCode.No;
        });
        return command;
    }

    public static Command CreateSensors(Shell shell)
    {
        Command command = CommonOptions.Remote(new Command("sensors", "The sensors of the running appliance."));
        Command list = CommonOptions.Remote(new Command("list", "Every sensor and its last readings."));
        Func<ParseResult, CancellationToken, Task<int>> listAction = (parsed, cancellationToken) => ListAsync(shell, parsed, cancellationToken);
        command.SetAction(listAction);
        list.SetAction(listAction);
        var name = new Argument<string>("NAME") { Description = "Name of the sensor." };
        Command read = CommonOptions.Remote(new Command("read", "Read a sensor now; nothing is stored.") { name });
        read.SetAction(async (parsed, cancellationToken) =>
        {
            using ApplianceClient client = CommonOptions.Client(parsed);
            using JsonDocument? answer = await client.SendAsync(HttpMethod.Post, $"/api/v1/sensors/{Uri.EscapeDataString(parsed.GetRequiredValue(name))}/read", null, cancellationToken).ConfigureAwait(false);
            JsonElement readings = answer!.RootElement.GetProperty("readings");
            if (parsed.GetValue(CommonOptions.Json)) CommonOptions.PrintJson(shell, answer.RootElement);
            else foreach (JsonElement reading in readings.EnumerateArray()) shell.Line(Reading(reading));
            return readings.EnumerateArray().Any(static r => r.GetProperty("quality").GetString() == "good") ? ExitCode.Done : ExitCode.No;
        });
        command.Add(list);
        command.Add(read);
        return command;
    }

    private static async Task<int> ListAsync(Shell shell, ParseResult parsed, CancellationToken cancellationToken)
    {
        using ApplianceClient client = CommonOptions.Client(parsed);
        using JsonDocument answer = await client.GetAsync("/api/v1/sensors", cancellationToken).ConfigureAwait(false);
        if (parsed.GetValue(CommonOptions.Json))
        {
            CommonOptions.PrintJson(shell, answer.RootElement);
            return ExitCode.Done;
        }
        foreach (JsonElement sensor in answer.RootElement.GetProperty("sensors").EnumerateArray())
        {
            shell.Line($"{Text(sensor, "name")} ({Text(sensor, "driver")}) -> {Text(sensor, "topic")}, every {Text(sensor, "intervalMs")} ms: {(sensor.GetProperty("healthy").GetBoolean() ? "healthy" : "FAULT")}, "
                + $"{Text(sensor, "published")} published, {Text(sensor, "faults")} faults{(sensor.TryGetProperty("lastError", out JsonElement error) ? $"; last error: {error}" : "")}");
            foreach (JsonElement reading in sensor.GetProperty("readings").EnumerateArray()) shell.Line("  " + Reading(reading));
        }
        return ExitCode.Done;
    }

    private static void Print(Shell shell, JsonElement s)
    {
        JsonElement journal = s.GetProperty("journal"), mqtt = s.GetProperty("mqtt"), kafka = s.GetProperty("kafka"), sync = s.GetProperty("sync"), sensors = s.GetProperty("sensors");
        string ready = s.GetProperty("ready").GetBoolean() ? "ready" : $"NOT READY: {Text(s, "notReady")}";
        shell.Line($"device    {Text(s, "device")} (log {Text(s, "log")}, boot {Text(s, "epoch")}), version {Text(s, "version")}");
        shell.Line($"state     {Text(s, "state")}, {ready}, up {TimeSpan.FromSeconds(s.GetProperty("uptimeSeconds").GetInt64())}, {Bytes(s, "residentBytes")} memory");
        shell.Line($"journal   {Text(journal, "records")} records in {Text(journal, "commits")} commits, {Text(journal, "segments")} segments, {Bytes(journal, "storedBytes")} on disk");
        shell.Line($"mqtt      {Text(mqtt, "connections")} connections, {Text(mqtt, "messagesReceived")} messages in, {Text(mqtt, "messagesSent")} out, {Text(mqtt, "messagesRefused")} refused");
        shell.Line($"kafka     {Text(kafka, "connections")} connections, {Text(kafka, "recordsIn")} records in");
        shell.Line($"sync      {Text(sync, "state")}{(Text(sync, "bootstrapServers") is { Length: > 0 } servers ? $" to {servers}" : "")}, {Text(sync, "recordsForwarded")} forwarded, {Text(sync, "backlogRecords")} waiting"
            + (sync.TryGetProperty("lastError", out JsonElement error) ? $"; last error: {error}" : ""));
        shell.Line($"sensors   {Text(sensors, "healthy")} of {Text(sensors, "configured")} healthy, {Text(sensors, "published")} readings");
    }

    private static string Reading(JsonElement reading) =>
        $"{Text(reading, "metric")} = {(reading.GetProperty("value").ValueKind == JsonValueKind.Null ? "-" : Text(reading, "value"))} {Text(reading, "unit")}"
        + (Text(reading, "quality") == "good" ? "" : $" ({Text(reading, "quality")}{(reading.TryGetProperty("error", out JsonElement e) ? $": {e}" : "")})");

    private static string Text(JsonElement element, string name) => element.TryGetProperty(name, out JsonElement value) ? value.ToString() : "";

    private static string Bytes(JsonElement element, string name) => string.Create(CultureInfo.InvariantCulture, $"{element.GetProperty(name).GetInt64() / (1024.0 * 1024):0.0} MiB");
}
