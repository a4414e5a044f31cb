namespace Edge.Hardware.Tests;

/// <summary>A copy of a recorded machine (the files of /proc and /sys it has), to be changed by a test.</summary>
internal sealed class Machine : IDisposable
{
    public Machine(string name)
    {
        string from = Path.Combine(AppContext.BaseDirectory, "Machines", name);
        foreach (string file in Directory.GetFiles(from, "*", SearchOption.AllDirectories))
        {
            string to = Path.Combine(Root, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(to)!);
            File.Copy(file, to);
        }
    }

    public string Root { get; } = Path.Combine(Path.GetTempPath(), $"edge-machine-{Guid.NewGuid():N}");

    public void Write(string path, string text) => File.WriteAllText(Path.Combine(Root, path), text);

    public void Delete(string path) => File.Delete(Path.Combine(Root, path));

    public void Dispose() => Directory.Delete(Root, recursive: true);
}
