namespace Edge.Mqtt.Connections;

/// <summary>Topic aliases towards one client: the first topics it is sent, as many as it allows. Guarded by the session's gate.</summary>
/// <remarks>Source: MQTT 5.0, 3.3.2.3.4. They are not replaced when they are used up: a sensor network sends the same few topics again and again.</remarks>
internal sealed class OutgoingAliases(int maximum)
{
    // Numbers beyond it save nothing worth the memory.
    private const int MaxAliases = 64;

    private sealed record Alias(int Number);

    private readonly Utf8Map<Alias> _topics = new(MaxAliases + 1);
    private readonly int _maximum = Math.Min(maximum, MaxAliases);

    /// <summary>The alias a topic has, or gets when the packet is sent; 0: none.</summary>
    public int Find(ReadOnlySpan<byte> topic, out bool isKnown)
    {
        Alias? alias = _topics.Find(topic);
        isKnown = alias is not null;
        return alias?.Number ?? (_topics.Count < _maximum ? _topics.Count + 1 : 0);
    }

    /// <summary>The packet that introduces it was written.</summary>
    public void Introduce(ReadOnlySpan<byte> topic) => _topics.Set(topic.ToArray(), new Alias(_topics.Count + 1));
}
