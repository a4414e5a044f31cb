namespace Edge.Log.Storage;

/// <summary>Another process holds the data directory.</summary>
public sealed class DirectoryInUseException(string directory)
    : EdgeException($"The data directory '{directory}' is in use by another process; stop it or choose another --data.")
{
    public override bool IsTransient => false;
}
