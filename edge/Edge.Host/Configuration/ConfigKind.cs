namespace Edge.Host.Configuration;

/// <summary>What a key's value is.</summary>
public enum ConfigKind : byte
{
    Text,
    Boolean,
    Number,

    /// <summary>Bytes.</summary>
    Size,
    Duration,

    /// <summary>One of a few words.</summary>
    Choice,

    /// <summary>List of texts; comma-separated outside of a file.</summary>
    List,
}
