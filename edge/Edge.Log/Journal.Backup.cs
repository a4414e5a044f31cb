using System.Text;
using System.Text.Json;
using Edge.Log.Segments;
using Edge.Log.State;
using Edge.Log.Storage;
using Edge.Log.Tools;

namespace Edge.Log;

/// <summary>Taking a consistent view of the files while the journal runs.</summary>
public sealed partial class Journal
{
    private const int BackupAttempts = 10;

    /// <summary>Takes a view of everything that is durable now. Any thread; never waits for the writer.</summary>
    /// <exception cref="DiskException">A file cannot be opened.</exception>
    /// <exception cref="JournalFormatException">The directory changed under it again and again, or no state snapshot can be read.</exception>
    public JournalBackup BeginBackup()
    {
        for (int attempt = 0; attempt < BackupAttempts; attempt++)
            if (TryBeginBackup() is { } backup) return backup;
        throw new JournalFormatException("No consistent view of the journal could be taken: no state snapshot is readable, or segments are removed faster than they are listed.");
    }

    private JournalBackup? TryBeginBackup()
    {
        var files = new List<BackupFile>();
        try
        {
            Segment[] segments = _segments;
            DateTimeOffset taken = TimeProvider.GetUtcNow();
            files.Add(new BackupFile(JournalBackup.ForkFile, ForkMarker(taken)));
            var bases = new HashSet<long>();
            foreach (Segment segment in segments)
            {
                if (!segment.TryAcquire())
                {
                    ReleaseAll(files);
                    return null;
                }
                // The end is read once it cannot be recycled any more: every byte before it is durable.
                files.Add(new BackupFile(Segment.NameOf(segment.BasePosition), segment.File, segment.End, segment.Capacity, segment.Release));
                bases.Add(segment.BasePosition);
            }
            foreach (Segment segment in segments)
                if (segment.IsSealed) AddFile(files, Segment.IndexNameOf(segment.BasePosition));
            bool hasSnapshot = false;
            foreach (string name in _disk.List().Where(static n => n.EndsWith(StateSnapshot.Suffix, StringComparison.Ordinal)))
                if (long.TryParse(name.AsSpan(0, name.Length - StateSnapshot.Suffix.Length), out long position) && bases.Contains(position)) hasSnapshot |= AddFile(files, name);
            if (!hasSnapshot && segments[0].BasePosition != 0)
            {
                ReleaseAll(files);
                return null;
            }
            files.Add(new BackupFile(FormatFile, Encoding.ASCII.GetBytes(OfflineJournal.FormatText)));
            return new JournalBackup(this, taken, files);
        }
        catch
        {
            ReleaseAll(files);
            throw;
        }
    }

    /// <summary>Small files are read at once: they may be removed at the next roll. Those that are gone already are derived, or replaced by a newer one.</summary>
    private bool AddFile(List<BackupFile> files, string name)
    {
        try
        {
            using IDiskFile file = _disk.Open(name, DiskOpenMode.Read);
            byte[] content = new byte[file.Length];
            if (file.Read(0, content) < content.Length) return false;
            files.Add(new BackupFile(name, content));
            return true;
        }
        catch (DiskException e) when (e.ErrnoValue == Errno.NotFound) { return false; }
    }

    private byte[] ForkMarker(DateTimeOffset taken)
    {
        using var text = new MemoryStream();
        text.Write("edge-fork 1\n"u8);
        using (var json = new Utf8JsonWriter(text))
        {
            json.WriteStartObject();
            json.WriteString("log"u8, LogId);
            json.WriteNumber("epoch"u8, Epoch);
            json.WriteString("reason"u8, "restored");
            json.WriteNumber("takenMs"u8, taken.ToUnixTimeMilliseconds());
            json.WriteEndObject();
        }
        text.WriteByte((byte)'\n');
        return text.ToArray();
    }

    private static void ReleaseAll(List<BackupFile> files)
    {
        foreach (BackupFile file in files) file.Release();
    }
}
