namespace Edge.CloudSync.Cursors;

/// <summary>All that <c>edge.cursors</c> says about one device, read up to the end as of a fence.</summary>
internal sealed class CentralState(DeviceRecord? device, IReadOnlyDictionary<string, CentralCursor> cursors)
{
    /// <summary>Null when the centre does not know the device.</summary>
    public DeviceRecord? Device { get; } = device;

    /// <summary>By the whole key, of every log of the device.</summary>
    public IReadOnlyDictionary<string, CentralCursor> Cursors { get; } = cursors;
}
