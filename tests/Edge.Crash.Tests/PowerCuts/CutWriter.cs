using System.Globalization;
using Edge.Log;
using Edge.Log.Commit;
using Edge.Log.Records;
using Edge.Log.Storage;
using Edge.Log.Topics;
using Microsoft.Extensions.Logging.Abstractions;

namespace Edge.Crash.Tests.PowerCuts;

/// <summary>The process whose power is cut: appends to a journal without end, and says on standard output, outside the disk, what was acknowledged.</summary>
internal static class CutWriter
{
    /// <summary>Small, so that segments roll, are removed and used again.</summary>
    public static LogOptions Options => new() { SegmentBytes = 1 << 20, MaxBatchBytes = 256 << 10, MinFreeBytes = 0, MaxBytes = 200L << 20 };

    /// <summary>Bytes of a partition that retention must leave.</summary>
    public const long RetentionBytes = 2 << 20;

    public static async Task RunAsync(string directory, int seed, int cycle, bool withoutSync)
    {
        IDisk disk = new PosixDisk(directory);
        await using Journal journal = Journal.Open(withoutSync ? new UnsyncedDisk(disk) : disk, Options, TimeProvider.System, NullLogger.Instance);
        journal.Start();
        if (!journal.Topics.TryGet(CutRecord.Topic, out Topic topic)) topic = (await journal.Topics.CreateAsync(CutRecord.Topic, CutRecord.Partitions, new TopicConfig { RetentionBytes = RetentionBytes, RetentionMs = -1 })).Topic!;
        using Stream output = Console.OpenStandardOutput();
        var gate = new Lock();
        Say(string.Create(CultureInfo.InvariantCulture, $"ready {journal.Epoch}"));
        // Several streams at once, so that groups hold batches of several partitions.
        await Task.WhenAll(Enumerable.Range(0, CutRecord.Partitions).Select(async p =>
        {
            await Task.Yield();
            for (int number = 0; ; number++)
            {
                AppendResult result = await journal.AppendAsync(topic.Partitions[p], CutRecord.Batch(seed, cycle, p, number)).ConfigureAwait(false);
                if (result.Status != AppendStatus.Ok) return;
                Say(string.Create(CultureInfo.InvariantCulture, $"ack {p} {number} {result.BaseOffset}"));
                if (number % 200 == 199 && p == 0) journal.ApplyRetention();
            }
        })).ConfigureAwait(false);
        Say("ended");

        void Say(string line)
        {
            lock (gate)
            {
                output.Write(System.Text.Encoding.ASCII.GetBytes(line + "\n"));
                output.Flush();
            }
        }
    }
}
