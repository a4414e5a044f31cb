using System.Globalization;
using Edge.Benchmarks.Reporting;
using Edge.Log;
using Edge.Testing.Storage;

namespace Edge.Benchmarks.Journal;

/// <summary>Commits of one small record per partition on a loop device of its own: records a second, latency, and what the kernel wrote to the device for it.</summary>
internal sealed class DeviceSuite(BenchOptions options, BenchReport report)
{
    private const int RecordBytes = 200, SegmentBytes = 16 << 20, BytesPerRun = 16 << 20, FrameBytes = 320;
    private static readonly int[] PartitionCounts = [1, 8, 32, 128], PadSizes = [0, 4096];

    public async Task RunAsync()
    {
        Console.Error.WriteLine("commits on a loop device");
        (LoopDevice? device, string why) = await LoopDevice.TryCreateAsync(options.Work, 2L << 30);
        if (device is null)
        {
            report.Skip("bytes to the block device", why);
            return;
        }
        await using (device)
        {
            foreach (int padBytes in PadSizes)
                foreach (bool recycles in new[] { true, false })
                    foreach (int partitions in PartitionCounts) await MeasureAsync(device, partitions, padBytes, recycles);
        }
    }

    private async Task MeasureAsync(LoopDevice device, int partitions, int padBytes, bool recycles)
    {
        await using OpenJournal log = OpenJournal.Open(device.MountPoint, new LogOptions { SegmentBytes = SegmentBytes, MaxBatchBytes = 512 << 10, PadBytes = padBytes, MinFreeBytes = 0 }, recycles);
        if (recycles) Fill(log);
        var bench = new CommitBench(log, partitions, RecordBytes);
        int commits = Math.Clamp(BytesPerRun / (partitions * FrameBytes), 300, 3000);
        bench.Run(50);
        List<double> ratios = [], means = [], slowest = [];
        for (int i = 0; i < options.Runs; i++)
        {
            await device.SyncAsync();
            long before = device.WrittenBytes;
            double[] times = bench.Run(commits);
            await device.SyncAsync();
            ratios.Add((device.WrittenBytes - before) / (double)bench.PayloadBytes(commits));
            means.Add(times.Average());
            slowest.Add(times[(int)(times.Length * 0.99)]);
        }
        string shape = string.Create(CultureInfo.InvariantCulture, $"{partitions} partitions, {(recycles ? "recycled" : "first fill")}{(padBytes > 0 ? $", PadBytes {padBytes}" : "")}");
        const string note = "one 200 B record each per commit; loop device, ext4, 16 MiB segments";
        Figure ratio = report.Add(new Figure($"bytes to the device per payload byte, {shape}", "framework", "B/B", ratios, note));
        report.Add(new Figure($"records, {shape}", "framework", "records/s", [.. means.Select(m => partitions * 1000 / m)], note));
        report.Add(new Figure($"commit p99, {shape}", "framework", "ms", slowest, note));
        if (partitions == 32 && padBytes == 0)
            report.Bar(recycles ? "at most 2.3 B/B at 32 partitions, recycled" : "at most 3.5 B/B at 32 partitions, first fill", ratio.Median <= (recycles ? 2.3 : 3.5));
    }

    /// <summary>Until several segments were removed and used again.</summary>
    private static void Fill(OpenJournal log)
    {
        var fill = new AppendBench(log, 2, 4096);
        for (int i = 0; i < 20 && log.Journal.Statistics.PayloadBytes < 6L * SegmentBytes; i++) fill.Run(TimeSpan.FromMilliseconds(200));
    }
}
