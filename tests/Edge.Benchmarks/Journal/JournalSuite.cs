using System.Globalization;
using Edge.Benchmarks.Reporting;

namespace Edge.Benchmarks.Journal;

/// <summary>The journal alone, in this process: appends awaited until durable, beside a bare write of the same bytes, and reading.</summary>
internal sealed class JournalSuite(BenchOptions options, BenchReport report)
{
    private const int Threads = 8, ReadPartitions = 32, ReadRecords = 30_000;

    public void Run()
    {
        Console.Error.WriteLine("journal");
        Append("recycled", recycles: true);
        Append("first fill", recycles: false);
        Sequential();
        Read(perCommit: 8);
        Read(perCommit: 100);
    }

    private void Append(string shape, bool recycles)
    {
        string shares = "";
        var rate = new Figure($"journal append, 100 B records, {shape}", "framework", "records/s", Repeat(() =>
        {
            (double perSecond, _, shares) = Measure(100, recycles);
            return perSecond;
        }), $"{Threads} threads, durable");
        report.Add(rate with { Note = $"{rate.Note}; {shares}" });
        if (recycles) report.Bar("2 M records/s of 100 B, each awaited until durable", rate.Median >= 2_000_000);
    }

    /// <summary>Bytes durable a second at 1 KiB records, and a bare write of pieces of the same size, one right after the other.</summary>
    private void Sequential()
    {
        List<double> journal = [], bare = [], ratios = [];
        int group = 0;
        for (int i = 0; i < options.Runs; i++)
        {
            (double perSecond, group, _) = Measure(1024, recycles: true);
            journal.Add(perSecond * 1024 / (1 << 20));
            bare.Add(BareWrite.Run(options.Work, group, TimeSpan.FromSeconds(options.Seconds)) / (1 << 20));
            ratios.Add(journal[^1] / bare[^1]);
        }
        report.Add(new Figure("journal, 1 KiB records", "framework", "MiB/s", journal, string.Create(CultureInfo.InvariantCulture, $"payload, durable, recycled; {group >> 10} KiB a commit")));
        report.Add(new Figure("bare write + fdatasync of pieces of that size", "framework", "MiB/s", bare, "one thread, written space"));
        Figure ratio = report.Add(new Figure("journal over bare write", "framework", "ratio", ratios));
        report.Bar("at least 0.8 of a bare sequential write + fdatasync", ratio.Median >= 0.8);
    }

    private void Read(int perCommit)
    {
        OpenJournal log = OpenJournal.Open(options.Work);
        try
        {
            var bench = new ReadBench(log, ReadPartitions, ReadRecords, perCommit, 100);
            bench.Run();
            Figure rate = report.Add(new Figure($"sequential read of 1 partition out of {ReadPartitions}, warm, batches of {perCommit}", "framework", "records/s", Repeat(bench.Run), "100 B records; fetches of 1 MiB"));
            report.Bar($"2 M records/s of one partition out of {ReadPartitions}, batches of {perCommit}", rate.Median >= 2_000_000);
        }
        finally { log.DisposeAsync().AsTask().GetAwaiter().GetResult(); }
    }

    private (double PerSecond, int GroupBytes, string Shares) Measure(int recordBytes, bool recycles)
    {
        OpenJournal log = OpenJournal.Open(options.Work, recycles: recycles);
        try
        {
            var duration = TimeSpan.FromSeconds(options.Seconds);
            if (recycles)
                for (int i = 0; i < 20 && log.Journal.Statistics.PayloadBytes < 4L * log.Journal.Options.SegmentBytes; i++) new AppendBench(log, Threads, 4096).Run(TimeSpan.FromMilliseconds(300));
            new AppendBench(log, Threads, recordBytes).Run(TimeSpan.FromMilliseconds(500)); // the code is compiled, the segments are prepared
            (long commits, long payload) = (log.Journal.Statistics.Commits, log.Journal.Statistics.PayloadBytes);
            (ThreadTimes before, long records) = (ThreadTimes.Now(), log.Journal.Statistics.Records);
            double rate = new AppendBench(log, Threads, recordBytes).Run(duration);
            ThreadTimes spent = ThreadTimes.Now() - before;
            return (rate, (int)((log.Journal.Statistics.PayloadBytes - payload) / Math.Max(1, log.Journal.Statistics.Commits - commits)), spent.Per(log.Journal.Statistics.Records - records));
        }
        finally { log.DisposeAsync().AsTask().GetAwaiter().GetResult(); }
    }

    private List<double> Repeat(Func<double> measure) => [.. Enumerable.Range(0, options.Runs).Select(_ => measure())];
}
