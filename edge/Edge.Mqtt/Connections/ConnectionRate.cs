using System.Net;

namespace Edge.Mqtt.Connections;

/// <summary>New connections a second, per address. Loopback is exempt. At most <see cref="MaxAddresses"/> addresses are watched at once.</summary>
internal sealed class ConnectionRate(int perSecond, TimeProvider timeProvider)
{
    private const int MaxAddresses = 4096;
    private readonly Lock _gate = new();
    private readonly Dictionary<IPAddress, (long Second, int Count)> _addresses = [];

    public bool TryEnter(EndPoint? endPoint)
    {
        if (endPoint is not IPEndPoint { Address: { } address } || IPAddress.IsLoopback(address)) return true;
        long second = timeProvider.GetTimestamp() / timeProvider.TimestampFrequency;
        lock (_gate)
        {
            int count = _addresses.TryGetValue(address, out (long Second, int Count) known) && known.Second == second ? known.Count : 0;
            // A flood from more addresses than are watched is held back as a whole until the second is over.
            if (count >= perSecond || (count == 0 && _addresses.Count >= MaxAddresses && !_addresses.ContainsKey(address))) return false;
            _addresses[address] = (second, count + 1);
            return true;
        }
    }

    /// <summary>Forgets addresses that were quiet. Called once a second.</summary>
    public void Sweep(long now)
    {
        long second = now / timeProvider.TimestampFrequency;
        lock (_gate)
        {
            foreach ((IPAddress address, (long Second, int Count) known) in _addresses)
                if (known.Second < second) _addresses.Remove(address);
        }
    }
}
