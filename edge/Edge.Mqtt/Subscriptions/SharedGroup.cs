namespace Edge.Mqtt.Subscriptions;

/// <summary>The members of one <c>$share/group/filter</c>; each message goes to one of them, in turn.</summary>
internal sealed class SharedGroup(string name)
{
    public string Name { get; } = name;

    /// <summary>Replaced as a whole under the trie's lock, so that a reader needs none.</summary>
    public Subscription[] Members { get; set; } = [];

    /// <summary>Where the next search for a member starts. Used by the fan-out worker alone.</summary>
    public int Next { get; set; }
}
