namespace Edge.Testing.Processes;

/// <summary>A new directory that is deleted with everything in it at the end.</summary>
/// <remarks>Kept when <see cref="Keep"/> was called: what a failed test leaves is worth a look.</remarks>
public sealed class TempDirectory : IDisposable
{
    private bool _keep;

    public TempDirectory(string prefix = "edge-test-") => Path = Directory.CreateTempSubdirectory(prefix).FullName;

    public string Path { get; }

    /// <summary>Path of an entry below it; nothing is created.</summary>
    public string At(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>Leaves the directory where it is and returns its path for a message.</summary>
    public string Keep()
    {
        _keep = true;
        return Path;
    }

    public void Dispose()
    {
        if (_keep) return;
        try { Directory.Delete(Path, recursive: true); }
        catch (IOException) { } // a process that is still ending may write a last file: not the test's verdict
    }
}
