using System.Diagnostics;
using Edge.Log.Storage;

namespace Edge.Benchmarks.Journal;

/// <summary>What the disk can do at the most: one thread writes pieces one behind the other into written space and syncs after each.</summary>
internal static class BareWrite
{
    private const int FileBytes = 128 << 20;

    /// <summary>Bytes durable a second.</summary>
    public static double Run(string work, int pieceBytes, TimeSpan duration)
    {
        string name = $"bare-{Environment.ProcessId}-{Guid.NewGuid():N}";
        var disk = new PosixDisk(work);
        try
        {
            using IDiskFile file = disk.Open(name, DiskOpenMode.CreateNew);
            byte[] piece = new byte[Math.Min(pieceBytes, FileBytes / 4)];
            Random.Shared.NextBytes(piece);
            file.Preallocate(FileBytes);
            for (long at = 0; at + piece.Length <= FileBytes; at += piece.Length) file.Write(at, piece);
            file.Sync();
            long written = 0, position = 0, began = Stopwatch.GetTimestamp();
            while (Stopwatch.GetElapsedTime(began) < duration)
            {
                if (position + piece.Length > FileBytes) position = 0;
                file.Write(position, piece);
                file.Sync();
                position += piece.Length;
                written += piece.Length;
            }
            return written / Stopwatch.GetElapsedTime(began).TotalSeconds;
        }
        finally { disk.Unlink(name); }
    }
}
