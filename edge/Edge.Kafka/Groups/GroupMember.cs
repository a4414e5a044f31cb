namespace Edge.Kafka.Groups;

/// <summary>One member of a group. Touched only under the group's lock.</summary>
internal sealed class GroupMember
{
    public required string Id { get; set; }
    public required string? InstanceId { get; init; }
    public required string ClientId { get; set; }
    public required string ClientHost { get; set; }
    public TimeSpan SessionTimeout { get; set; }
    public TimeSpan RebalanceTimeout { get; set; }
    public List<GroupProtocol> Protocols { get; set; } = [];
    public byte[] Assignment { get; set; } = [];

    /// <summary>When the member counts as gone unless it is heard of; monotonic milliseconds.</summary>
    public long Deadline { get; set; }

    /// <summary>Set while the member waits for the others to join.</summary>
    public TaskCompletionSource<JoinResult>? Joining { get; set; }

    /// <summary>Set while the member waits for the leader's assignment.</summary>
    public TaskCompletionSource<SyncResult>? Syncing { get; set; }

    public bool HasSynced { get; set; }
    public bool IsStatic => InstanceId is not null;

    public byte[] MetadataOf(string protocol)
    {
        foreach (GroupProtocol offered in Protocols)
        {
            if (offered.Name == protocol) return offered.Metadata;
        }
        return [];
    }

    public bool OffersSame(List<GroupProtocol> protocols)
    {
        if (protocols.Count != Protocols.Count) return false;
        for (int i = 0; i < protocols.Count; i++)
        {
            if (protocols[i].Name != Protocols[i].Name || !protocols[i].Metadata.AsSpan().SequenceEqual(Protocols[i].Metadata)) return false;
        }
        return true;
    }

    public long SizeBytes
    {
        get
        {
            long size = 512 + Assignment.Length + 2 * (Id.Length + (InstanceId?.Length ?? 0) + ClientId.Length);
            foreach (GroupProtocol offered in Protocols) size += offered.Metadata.Length + 2 * offered.Name.Length;
            return size;
        }
    }
}
