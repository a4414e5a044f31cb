using System.Globalization;

namespace Edge.Hardware.Drivers.Host;

/// <summary>Small text files of <c>/proc</c> and <c>/sys</c> below a root that tests (and containers) choose.</summary>
internal sealed class HostFiles(string root)
{
    /// <summary>No file read here is longer; a network table with a thousand interfaces is 130 KB.</summary>
    private const int MaxBytes = 256 << 10;

    public string Full(string path) => Path.Join(root, path);

    public bool Exists(string path) => File.Exists(Full(path));

    /// <exception cref="IOException">Gone, or the device behind it does not answer (EIO, ENODATA).</exception>
    public string ReadText(string path)
    {
        // Such files say length 0: read to the end, whatever they say.
        using var stream = new FileStream(Full(path), FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
        byte[] buffer = new byte[4096];
        int length = 0;
        while (stream.Read(buffer, length, buffer.Length - length) is > 0 and int read)
        {
            length += read;
            if (length < buffer.Length) continue;
            if (buffer.Length >= MaxBytes) throw new IOException($"{path} is longer than {MaxBytes} bytes");
            Array.Resize(ref buffer, buffer.Length * 4);
        }
        return System.Text.Encoding.UTF8.GetString(buffer, 0, length).Trim();
    }

    public string? TryReadText(string path)
    {
        try { return ReadText(path); }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException) { return null; }
    }

    /// <exception cref="FormatException">Not a whole number.</exception>
    public long ReadNumber(string path)
    {
        string text = ReadText(path);
        return long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long value)
            ? value
            : throw new FormatException($"{path} has '{(text.Length > 40 ? text[..40] : text)}' where a whole number belongs");
    }

    /// <summary>Names of the entries of a folder in natural order (<c>zone2</c> before <c>zone10</c>); empty when there is no such folder.</summary>
    public IReadOnlyList<string> List(string folder, string prefix)
    {
        try
        {
            return [.. new DirectoryInfo(Full(folder)).EnumerateFileSystemInfos(prefix + "*").Select(static e => e.Name).OrderBy(static n => n.Length).ThenBy(static n => n, StringComparer.Ordinal)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException) { return []; }
    }
}
