using System.Globalization;

namespace Edge.Catalog.Store;

/// <summary>Moves a database file that cannot be used out of the way, for whoever wants to look at it.</summary>
internal static class DamagedFiles
{
    /// <summary>Copies kept of each file; the card must not fill up with them.</summary>
    public const int Kept = 2;

    /// <param name="keep">False: it is deleted.</param>
    /// <returns>Where the database went; null when there was none.</returns>
    /// <exception cref="IOException">It could not be moved.</exception>
    public static string? MoveAside(string path, DateTimeOffset now, bool keep)
    {
        string? movedTo = null;
        foreach (string file in new[] { LogOf(path), path })
        {
            if (!File.Exists(file)) continue;
            if (!keep) { File.Delete(file); continue; }
            string target = $"{file}.damaged-{now.UtcDateTime.ToString("yyyyMMdd'T'HHmmssfff'Z'", CultureInfo.InvariantCulture)}";
            File.Move(file, target, overwrite: true);
            movedTo = target;
            string folder = Path.GetDirectoryName(Path.GetFullPath(file))!;
            foreach (string old in Directory.GetFiles(folder, Path.GetFileName(file) + ".damaged-*").Order(StringComparer.Ordinal).SkipLast(Kept)) File.Delete(old);
        }
        return movedTo;
    }

    /// <summary>LiteDB's write-ahead log beside the database: <c>catalog-log.db</c>.</summary>
    private static string LogOf(string path) => Path.Combine(Path.GetDirectoryName(path) ?? "", Path.GetFileNameWithoutExtension(path) + "-log" + Path.GetExtension(path));
}
