namespace Edge.Hardware.Tests;

/// <summary>A copy of a machine (the files of /proc and /sys it has), to be changed by a test.</summary>
/// <remarks><c>vm</c> is recorded on a virtual machine; <c>pi4</c> and <c>pc</c> are written by hand in the form the kernel documents, with what such machines have.</remarks>
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
