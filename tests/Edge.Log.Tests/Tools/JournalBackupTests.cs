using Edge.Log.Storage;
using Edge.Log.Tools;
using Edge.Testing.Storage;

namespace Edge.Log.Tests.Tools;

public sealed class JournalBackupTests
{
    // Goal: the copy holds everything that was durable when it was begun, although the journal goes on, rolls and recycles meanwhile.
    [Fact]
    public void Backup_JournalGoesOnAndRetires_CopyHoldsWhatWasDurable()
    {
        var disk = new SimulatedDisk();
        ToolJournal made = ToolJournal.Begin(disk, seed: 5);
        while (made.Journal.Segments.Length < 4) made.AppendRandom();
        int acknowledged = made.Batches.Count;
        using JournalBackup backup = made.Journal.BeginBackup();
        string first = backup.Files.First(f => f.Name.EndsWith(".seg", StringComparison.Ordinal)).Name;
        // Everything sealed becomes unwanted, and more than one segment's worth is written over whatever may be recycled.
        foreach (string topic in new[] { ToolJournal.Topic, ToolJournal.Other })
        {
            made.Journal.Topics.TryGet(topic, out Edge.Log.Topics.Topic there);
            made.Drive(made.Journal.Topics.AlterAsync(topic, there.Config with { RetentionBytes = 0 }));
        }
        made.Journal.ApplyRetention();
        made.Journal.RunCommitOnce();
        Assert.False(disk.Exists(first), "retention did not remove the oldest segment, so the test shows nothing");
        int segments = made.Journal.Segments.Length;
        while (made.Journal.Segments.Length < segments + 2) made.AppendRandom();

        var copy = new SimulatedDisk();
        Copy(backup, copy);
        using (OfflineJournal journal = OfflineJournal.Open(copy))
        {
            VerifyReport report = JournalVerifier.Run(journal);
            Assert.True(report.IsSound, string.Join('\n', report.Problems));
        }
        made.Batches.RemoveRange(acknowledged, made.Batches.Count - acknowledged);
        Assert.Empty(Served.Missing(ToolJournal.Open(copy), made));
    }

    // Goal: what is copied is never recycled under the copy: the file is given back only when it is released.
    [Fact]
    public void Backup_HeldSegment_IsNotRecycledUntilReleased()
    {
        var disk = new SimulatedDisk();
        ToolJournal made = ToolJournal.Begin(disk, seed: 6);
        while (made.Journal.Segments.Length < 3) made.AppendRandom();
        JournalBackup backup = made.Journal.BeginBackup();
        Assert.False(made.Journal.Segments[0].TryRetireUnread());
        backup.Dispose();
        backup.Dispose(); // once more does nothing
        Assert.True(made.Journal.Segments[0].TryRetireUnread());
    }

    // Goal: a copy that was cut off never opens. Method: leave files out from the end, one more each time.
    [Fact]
    public void Backup_CopyCutOff_DoesNotOpen()
    {
        var disk = new SimulatedDisk();
        ToolJournal made = ToolJournal.Begin(disk);
        while (made.Journal.Segments.Length < 2) made.AppendRandom();
        using JournalBackup backup = made.Journal.BeginBackup();
        Assert.Equal(JournalBackup.ForkFile, backup.Files[0].Name);
        Assert.Equal(OfflineJournal.FormatFile, backup.Files[^1].Name);
        for (int files = 2; files < backup.Files.Count; files++)
        {
            var copy = new SimulatedDisk();
            Copy(backup, copy, files);
            Assert.Throws<JournalFormatException>(() => ToolJournal.Open(copy));
        }
    }

    private static void Copy(JournalBackup backup, SimulatedDisk target, int files = int.MaxValue)
    {
        foreach (BackupFile file in backup.Files.Take(files))
        {
            byte[] bytes = new byte[file.Length];
            Assert.Equal(bytes.Length, file.Read(0, bytes));
            using IDiskFile written = target.Open(file.Name, DiskOpenMode.CreateNew);
            written.Write(0, bytes);
            if (file.FileLength > file.Length) written.Truncate(file.FileLength);
            written.Sync();
        }
        target.SyncDirectory();
    }
}
