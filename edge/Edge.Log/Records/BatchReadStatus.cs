namespace Edge.Log.Records;

/// <summary>What reading one batch from untrusted bytes found.</summary>
public enum BatchReadStatus : byte
{
    Ok,

    /// <summary>The bytes end inside the batch: what a crash leaves at the tail.</summary>
    Torn,

    /// <summary>A length, magic or checksum that no writer produced.</summary>
    Corrupt,
}
