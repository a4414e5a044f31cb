using System.Formats.Tar;
using System.Text.Json;
using Edge.Log.Records;
using Edge.Log.Storage;
using Edge.Log.Tools;

namespace Edge.Host.Commands;

/// <summary>Writes the archive of a backup into a folder, durable and checked against its manifest. The format file gets its name last: without it no journal opens.</summary>
internal static class BackupReceiver
{
    private const string Prefix = "journal/", ManifestName = "backup.json", Aside = ".incoming";
    private const int MaxManifestBytes = 16 << 20, PieceBytes = 256 << 10;

    /// <exception cref="InvalidDataException">The archive is cut, or is not what its manifest says.</exception>
    public static async Task<BackupManifest> ReceiveAsync(Stream archive, string directory, CancellationToken cancellationToken)
    {
        var root = new PosixDisk(directory);
        var journal = new PosixDisk(Path.Combine(directory, "journal"));
        var written = new Dictionary<string, (long Bytes, uint Checksum)>(StringComparer.Ordinal);
        byte[]? manifest = null;
        await using var tar = new TarReader(archive, leaveOpen: true);
        while (manifest is null)
        {
            TarEntry entry = await tar.GetNextEntryAsync(copyData: false, cancellationToken).ConfigureAwait(false) ?? throw new InvalidDataException("the archive ends before its manifest");
            if (entry.Name == ManifestName) manifest = await ReadAllAsync(entry, cancellationToken).ConfigureAwait(false);
            else
            {
                string name = NameOf(entry);
                written.Add(name, await WriteAsync(journal, name == OfflineJournal.FormatFile ? name + Aside : name, entry.DataStream ?? Stream.Null, cancellationToken).ConfigureAwait(false));
            }
        }
        BackupManifest found = Check(manifest, written, journal);
        using (IDiskFile file = root.Open(ManifestName, DiskOpenMode.CreateNew))
        {
            file.Write(0, manifest);
            file.Sync();
        }
        journal.SyncDirectory();
        journal.Rename(OfflineJournal.FormatFile + Aside, OfflineJournal.FormatFile);
        journal.SyncDirectory();
        root.SyncDirectory();
        return found;
    }

    /// <summary>A file of the journal, by its plain name: nothing in an archive leads out of the folder.</summary>
    private static string NameOf(TarEntry entry)
    {
        string name = entry.Name.StartsWith(Prefix, StringComparison.Ordinal) ? entry.Name[Prefix.Length..] : "";
        bool isPlain = entry.EntryType is TarEntryType.RegularFile or TarEntryType.V7RegularFile && name.Length > 0 && name[0] != '.' && name.All(static c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_');
        return isPlain ? name : throw new InvalidDataException($"the archive holds '{entry.Name}', which is no file of a journal");
    }

    private static async Task<(long Bytes, uint Checksum)> WriteAsync(PosixDisk disk, string name, Stream content, CancellationToken cancellationToken)
    {
        using IDiskFile file = disk.Open(name, DiskOpenMode.CreateNew);
        byte[] piece = new byte[PieceBytes];
        uint checksum = 0;
        long at = 0;
        while (await content.ReadAtLeastAsync(piece, piece.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false) is > 0 and var read)
        {
            file.Write(at, piece.AsSpan(0, read));
            checksum = Crc32C.Append(checksum, piece.AsSpan(0, read));
            at += read;
        }
        file.Sync();
        return (at, checksum);
    }

    private static async Task<byte[]> ReadAllAsync(TarEntry entry, CancellationToken cancellationToken)
    {
        if (entry.Length is <= 0 or > MaxManifestBytes) throw new InvalidDataException($"the manifest has {entry.Length} bytes");
        byte[] bytes = new byte[entry.Length];
        await entry.DataStream!.ReadExactlyAsync(bytes, cancellationToken).ConfigureAwait(false);
        return bytes;
    }

    private static BackupManifest Check(byte[] bytes, Dictionary<string, (long Bytes, uint Checksum)> written, PosixDisk journal)
    {
        using JsonDocument document = JsonDocument.Parse(bytes);
        JsonElement root = document.RootElement;
        long total = 0;
        JsonElement files = root.GetProperty("files");
        foreach (JsonElement file in files.EnumerateArray())
        {
            string name = file.GetProperty("name").GetString()!;
            if (!written.TryGetValue(name, out (long Bytes, uint Checksum) got) || got.Bytes != file.GetProperty("bytes").GetInt64() || got.Checksum != file.GetProperty("crc32c").GetUInt32())
                throw new InvalidDataException($"'{name}' did not arrive as it was sent");
            total += got.Bytes;
            long size = file.GetProperty("size").GetInt64();
            if (size <= got.Bytes || name == OfflineJournal.FormatFile) continue;
            using IDiskFile grown = journal.Open(name, DiskOpenMode.ReadWrite);
            grown.Truncate(size); // what lies behind the frames was no data: a hole in the file reads as zeros
            grown.Sync();
        }
        return new BackupManifest(root.GetProperty("device").GetString()!, root.GetProperty("log").GetString()!, root.GetProperty("taken").GetString()!, files.GetArrayLength(), total);
    }
}
