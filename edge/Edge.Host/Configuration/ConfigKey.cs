namespace Edge.Host.Configuration;

/// <summary>One key: its name, what it takes, and how it reaches the options. Everything that is said about configuration comes from these.</summary>
internal sealed class ConfigKey
{
    /// <summary>For example <c>Mqtt:Port</c>. A <c>*</c> stands for an index (<c>Routes:*:Filter</c>) or a name (<c>Topics:*:partitions</c>).</summary>
    public required string Name { get; init; }
    public required ConfigKind Kind { get; init; }

    /// <summary>What is allowed, in words that continue "use …".</summary>
    public required string Allowed { get; init; }

    /// <summary>What it is for, one line.</summary>
    public required string Meaning { get; init; }

    /// <summary>The default as an operator would type it, or a description of it.</summary>
    public required string Default { get; init; }

    public long? Minimum { get; init; }
    public long? Maximum { get; init; }
    public IReadOnlyList<string> Choices { get; init; } = [];

    /// <summary>Never shown: <c>edge config show</c> prints asterisks.</summary>
    public bool IsSecret { get; init; }

    /// <summary>Puts the value into the options; false when it is not what is allowed. The second argument is what <c>*</c> stands for.</summary>
    public required Func<EdgeOptions, string, ConfigValue, bool> TryApply { get; init; }

    /// <summary>The value in effect, as an operator would type it.</summary>
    public required Func<EdgeOptions, string, string> Read { get; init; }

    private string[]? _parts;
    public string[] Parts => _parts ??= Name.Split(':');

    /// <summary>True when that path is this key; <paramref name="wild"/> is what the <c>*</c> stands for (two of them: <c>0:name</c>).</summary>
    public bool Matches(string[] path, out string wild)
    {
        wild = "";
        if (path.Length != Parts.Length) return false;
        for (int i = 0; i < path.Length; i++)
        {
            if (Parts[i] == "*") wild = wild.Length == 0 ? path[i] : $"{wild}:{path[i]}";
            else if (!Parts[i].Equals(path[i], StringComparison.OrdinalIgnoreCase)) return false;
        }
        return true;
    }

    /// <summary>The name with the <c>*</c> filled in.</summary>
    public string NameOf(string wild)
    {
        string[] values = wild.Split(':');
        int next = 0;
        return string.Join(':', Parts.Select(part => part == "*" ? values[next++] : part));
    }
}
