namespace Edge.Log.Tests.Storage;

/// <summary>A directory of its own for one test, removed with all it holds.</summary>
internal sealed class TemporaryDirectory : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("edge-log-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
