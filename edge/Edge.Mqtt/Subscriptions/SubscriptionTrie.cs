using Edge.Mqtt.Sessions;

namespace Edge.Mqtt.Subscriptions;

/// <summary>All subscriptions, by topic level. Thread-safe.</summary>
/// <remarks>Matching costs at most 2^levels steps in theory and levels are bounded; readers cache what they matched and compare <see cref="Version"/>.</remarks>
internal sealed class SubscriptionTrie
{
    private sealed class Node
    {
        public Dictionary<string, Node>? Children;
        public List<Subscription>? Exact, Deep; // Deep: the filter ends with # below this node
        public List<SharedGroup>? ExactGroups, DeepGroups;

        public bool IsEmpty => Children is null && Exact is null && Deep is null && ExactGroups is null && DeepGroups is null;
    }

    private readonly Lock _gate = new();
    private readonly Node _root = new();
    private int _version, _count;

    /// <summary>Rises with every change.</summary>
    public int Version => Volatile.Read(ref _version);

    public int Count => Volatile.Read(ref _count);

    /// <summary>Adds a subscription; one of the same session and filter is replaced.</summary>
    public void Add(Subscription subscription, Subscription? replaces)
    {
        lock (_gate)
        {
            if (replaces is not null) RemoveLocked(replaces);
            Node node = _root;
            string[] levels = Split(subscription, out bool deep);
            foreach (string level in levels)
            {
                node.Children ??= [];
                if (!node.Children.TryGetValue(level, out Node? child)) node.Children[level] = child = new Node();
                node = child;
            }
            if (subscription.Request.Group is { } name)
            {
                List<SharedGroup> groups = deep ? node.DeepGroups ??= [] : node.ExactGroups ??= [];
                SharedGroup? group = groups.Find(g => g.Name == name);
                if (group is null) groups.Add(group = new SharedGroup(name));
                group.Members = [.. group.Members, subscription];
            }
            else
            {
                (deep ? node.Deep ??= [] : node.Exact ??= []).Add(subscription);
            }
            Volatile.Write(ref _count, _count + 1);
            Volatile.Write(ref _version, _version + 1);
        }
    }

    public void Remove(Subscription subscription)
    {
        lock (_gate) RemoveLocked(subscription);
    }

    /// <summary>Everybody who wants a topic.</summary>
    public MatchSet Match(string topic)
    {
        List<Subscription> found = [];
        List<SharedGroup> groups = [];
        lock (_gate) Collect(_root, topic.Split('/'), 0, topic.StartsWith('$'), found, groups);
        if (found.Count == 0 && groups.Count == 0) return MatchSet.Empty;
        Dictionary<MqttSession, List<Subscription>> bySession = [];
        foreach (Subscription subscription in found)
        {
            if (!bySession.TryGetValue(subscription.Session, out List<Subscription>? list)) bySession[subscription.Session] = list = [];
            list.Add(subscription);
        }
        return new MatchSet { Sessions = [.. bySession.Select(pair => (pair.Key, pair.Value.ToArray()))], Groups = [.. groups] };
    }

    /// <summary>True when one filter matches one topic; for retained messages.</summary>
    public static bool Matches(string filter, string topic)
    {
        if (topic.StartsWith('$') && !filter.StartsWith('$')) return false;
        string[] wanted = filter.Split('/'), levels = topic.Split('/');
        for (int i = 0; i < wanted.Length; i++)
        {
            if (wanted[i] == "#") return true;
            if (i >= levels.Length || (wanted[i] != "+" && wanted[i] != levels[i])) return false;
        }
        return wanted.Length == levels.Length;
    }

    private static void Collect(Node node, string[] levels, int at, bool isSystem, List<Subscription> found, List<SharedGroup> groups)
    {
        bool wildcards = !(isSystem && at == 0); // wildcards do not reach into $SYS and its kind
        if (wildcards)
        {
            if (node.Deep is not null) found.AddRange(node.Deep);
            if (node.DeepGroups is not null) groups.AddRange(node.DeepGroups);
        }
        if (at == levels.Length)
        {
            if (node.Exact is not null) found.AddRange(node.Exact);
            if (node.ExactGroups is not null) groups.AddRange(node.ExactGroups);
            return;
        }
        if (node.Children is null) return;
        if (node.Children.TryGetValue(levels[at], out Node? child)) Collect(child, levels, at + 1, isSystem, found, groups);
        if (wildcards && node.Children.TryGetValue("+", out Node? any)) Collect(any, levels, at + 1, isSystem, found, groups);
    }

    private static string[] Split(Subscription subscription, out bool deep)
    {
        string[] levels = subscription.Request.Filter.Split('/');
        deep = levels[^1] == "#";
        return deep ? levels[..^1] : levels;
    }

    private void RemoveLocked(Subscription subscription)
    {
        string[] levels = Split(subscription, out bool deep);
        Node[] path = new Node[levels.Length + 1];
        path[0] = _root;
        for (int i = 0; i < levels.Length; i++)
        {
            if (path[i].Children is not { } children || !children.TryGetValue(levels[i], out Node? child)) return;
            path[i + 1] = child;
        }
        if (!TakeOut(path[^1], subscription, deep)) return;
        for (int i = levels.Length; i > 0 && path[i].IsEmpty; i--)
        {
            path[i - 1].Children!.Remove(levels[i - 1]);
            if (path[i - 1].Children!.Count == 0) path[i - 1].Children = null;
        }
        Volatile.Write(ref _count, _count - 1);
        Volatile.Write(ref _version, _version + 1);
    }

    private static bool TakeOut(Node node, Subscription subscription, bool deep)
    {
        if (subscription.Request.Group is not { } name)
        {
            List<Subscription>? list = deep ? node.Deep : node.Exact;
            if (list is null || !list.Remove(subscription)) return false;
            if (list.Count > 0) return true;
            if (deep) node.Deep = null; else node.Exact = null;
            return true;
        }
        List<SharedGroup>? groups = deep ? node.DeepGroups : node.ExactGroups;
        SharedGroup? group = groups?.Find(g => g.Name == name);
        if (group is null || !group.Members.Contains(subscription)) return false;
        group.Members = [.. group.Members.Where(member => member != subscription)];
        if (group.Members.Length > 0) return true;
        groups!.Remove(group);
        if (groups.Count > 0) return true;
        if (deep) node.DeepGroups = null; else node.ExactGroups = null;
        return true;
    }
}
