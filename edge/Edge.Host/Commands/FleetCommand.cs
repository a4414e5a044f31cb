using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Edge.CloudSync.Audit;
using Edge.CloudSync.Fleet;

namespace Edge.Host.Commands;

/// <summary><c>edge fleet</c>: at the centre, every appliance with its state and lag.</summary>
internal static class FleetCommand
{
    /// <summary>An appliance reports every 30 s: after four missed reports it counts as silent.</summary>
    private static readonly TimeSpan Silence = TimeSpan.FromMinutes(2);

    public static Command Create(Shell shell)
    {
        var bootstrap = new Option<string>("--bootstrap") { Description = "Addresses of the centre, host:port.", Required = true };
        var config = new Option<string?>("--config") { Description = "client.properties of the centre (TLS, SASL)." };
        var command = new Command("fleet", "Every appliance that reports to the centre, with state and lag; 1 when one is silent or halted.") { bootstrap, config };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            IReadOnlyList<FleetDevice> devices;
            try
            {
                devices = await FleetList.ReadAsync(new AuditOptions { BootstrapServers = parsed.GetRequiredValue(bootstrap), Client = AuditCommand.Properties(parsed.GetValue(config)) }, cancellationToken).ConfigureAwait(false);
            }
            catch (AuditException e) { throw new CommandException(ExitCode.Unreachable, e.Message); }
            DateTimeOffset now = shell.TimeProvider.GetUtcNow();
            if (parsed.GetValue(CommonOptions.Json)) CommonOptions.PrintJson(shell, json => Write(json, devices, now));
            else foreach (FleetDevice device in devices) shell.Line(LineOf(device, now));
            return devices.All(device => StateOf(device, now) == "forwarding") ? ExitCode.Done : ExitCode.No;
        });
        return command;
    }

    private static string StateOf(FleetDevice device, DateTimeOffset now) => now - device.Time > Silence ? "silent" : device.State;

    private static string LineOf(FleetDevice device, DateTimeOffset now) => string.Create(CultureInfo.InvariantCulture,
        $"{device.Device} {StateOf(device, now)}, heard {(now - device.Time).TotalSeconds:0} s ago, {device.BacklogRecords} records wait{(device.OldestBacklog is { } oldest ? $" (the oldest {(now - oldest).TotalHours:0.0} h)" : "")}, {device.RecordsForwarded} forwarded since its start, boot {device.Epoch}, log {device.Log}, version {device.Version}{(device.LastError is { } error ? $"; last error: {error}" : "")}");

    private static void Write(Utf8JsonWriter json, IReadOnlyList<FleetDevice> devices, DateTimeOffset now)
    {
        json.WriteStartObject();
        json.WriteStartArray("devices"u8);
        foreach (FleetDevice device in devices)
        {
            json.WriteStartObject();
            json.WriteString("device"u8, device.Device);
            json.WriteString("site"u8, device.Site);
            json.WriteString("state"u8, StateOf(device, now));
            json.WriteString("time"u8, device.Time);
            json.WriteString("log"u8, device.Log);
            json.WriteString("version"u8, device.Version);
            json.WriteNumber("epoch"u8, device.Epoch);
            json.WriteString("delivery"u8, device.Delivery);
            json.WriteNumber("recordsForwarded"u8, device.RecordsForwarded);
            json.WriteNumber("backlogRecords"u8, device.BacklogRecords);
            json.WriteNumber("backlogBytes"u8, device.BacklogBytes);
            if (device.OldestBacklog is { } oldest) json.WriteString("oldestBacklog"u8, oldest);
            json.WriteNumber("storedBytes"u8, device.StoredBytes);
            json.WriteNumber("recordsDeadLettered"u8, device.RecordsDeadLettered);
            json.WriteNumber("gapsAnnounced"u8, device.GapsAnnounced);
            if (device.LastError is { } error) json.WriteString("lastError"u8, error);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }
}
