namespace Edge.Catalog;

/// <summary>Told of each device that connects.</summary>
public interface IDeviceObserver
{
    /// <summary>Cheap, never blocks, never throws; called at every connect.</summary>
    /// <param name="clientId">The device's own name.</param>
    /// <param name="user">Whom it logged in as; null when it did not.</param>
    /// <param name="address">Where it came from, for example <c>192.168.1.20:50312</c>.</param>
    void Seen(string clientId, string? user, string address);
}
