namespace Edge.Log.Tools;

/// <summary>A consistent view of a running journal's files: everything that was durable when it was taken. The journal goes on meanwhile.</summary>
/// <remarks>
/// Holds segments against recycling until each is released or this is disposed, so the caller bounds the time. Files come in an order in which a copy that is cut off never
/// opens: the fork marker first, the format file last.
/// </remarks>
public sealed class JournalBackup : IDisposable
{
    /// <summary>In a copied journal: says what it is a copy of. The uplink recognises a restored copy by what the centre has, and forks the lineage there. docs/formats/backup.md.</summary>
    public const string ForkFile = "journal.fork";

    internal JournalBackup(Journal journal, DateTimeOffset taken, IReadOnlyList<BackupFile> files)
    {
        (DeviceId, LogId, Epoch, DurableSequence) = (journal.DeviceId, journal.LogId, journal.Epoch, journal.DurableSequence);
        (Taken, Files) = (taken, files);
    }

    public string DeviceId { get; }
    public string LogId { get; }
    public int Epoch { get; }

    /// <summary>Ingest sequence up to which everything is in it, exclusive.</summary>
    public long DurableSequence { get; }

    public DateTimeOffset Taken { get; }
    public IReadOnlyList<BackupFile> Files { get; }

    public void Dispose()
    {
        foreach (BackupFile file in Files) file.Release();
    }
}
