using Confluent.Kafka;
using Edge.CloudSync.Audit;
using Edge.CloudSync.Centre;

namespace Edge.CloudSync.Fleet;

/// <summary>Reads at the centre who is there: the last word of every appliance in <c>edge.fleet</c>.</summary>
public static class FleetList
{
    /// <returns>By device. Empty when no appliance has ever reported.</returns>
    /// <exception cref="AuditException">The centre cannot be reached or read.</exception>
    public static Task<IReadOnlyList<FleetDevice>> ReadAsync(AuditOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        return Task.Factory.StartNew(() => Read(options, cancellationToken), cancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    private static IReadOnlyList<FleetDevice> Read(AuditOptions options, CancellationToken cancellationToken)
    {
        var devices = new SortedDictionary<string, FleetDevice>(StringComparer.Ordinal);
        using TopicReader reader = CentreAudit.NewReader(options);
        reader.Read(CentralTopics.Fleet, result =>
        {
            // Of one device all reports lie in one partition, in order: the last one counts, whatever its clock says.
            if (result.Message.Value is { } value && FleetDevice.Parse(value) is { } device) devices[device.Device] = device;
        }, cancellationToken);
        return [.. devices.Values.Where(device => options.Device is null || device.Device == options.Device)];
    }
}
