using System.Buffers;
using System.Text.Json;

namespace Edge.Host.Composition;

/// <summary><c>run.json</c> of a data directory: how the commands find the running appliance. Readable by its owner only.</summary>
/// <param name="Url">Of the HTTP listener, as reached from this machine.</param>
/// <param name="Token">Secret of this run: whoever shows it may read the directory.</param>
/// <param name="Ports">As bound: mqtt, kafka, http.</param>
internal sealed record RunFile(ProcessIdentity Process, string Url, string Token, IReadOnlyDictionary<string, int> Ports)
{
    public const string FileName = "run.json";

    public static string PathIn(string directory) => Path.Combine(directory, FileName);

    /// <summary>Puts it in place at once as a whole.</summary>
    public void Write(string directory)
    {
        var body = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(body, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartObject();
            json.WriteNumber("pid"u8, Process.Pid);
            json.WriteNumber("start"u8, Process.StartTicks);
            json.WriteString("boot"u8, Process.BootId);
            json.WriteString("url"u8, Url);
            json.WriteString("token"u8, Token);
            json.WriteStartObject("ports"u8);
            foreach ((string name, int port) in Ports) json.WriteNumber(name, port);
            json.WriteEndObject();
            json.WriteEndObject();
        }
        string path = PathIn(directory), fresh = path + ".new";
        File.Delete(fresh);
        using (var file = new FileStream(fresh, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite }))
            file.Write(body.WrittenSpan);
        File.Move(fresh, path, overwrite: true);
    }

    /// <summary>Null when there is none, or one that cannot be read as such.</summary>
    public static RunFile? TryRead(string directory)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(PathIn(directory)));
            JsonElement root = document.RootElement;
            var ports = root.GetProperty("ports").EnumerateObject().ToDictionary(static p => p.Name, static p => p.Value.GetInt32());
            return new(new(root.GetProperty("pid").GetInt32(), root.GetProperty("start").GetInt64(), root.GetProperty("boot").GetString()!), root.GetProperty("url").GetString()!, root.GetProperty("token").GetString()!, ports);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException or KeyNotFoundException or InvalidOperationException or FormatException) { return null; }
    }

    public static void Delete(string directory)
    {
        try { File.Delete(PathIn(directory)); }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // stale then: the next start replaces it, and commands see that its process is gone
        }
    }
}
