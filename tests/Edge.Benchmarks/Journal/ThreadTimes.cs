using System.Globalization;

namespace Edge.Benchmarks.Journal;

/// <summary>Processor time of the journal's writer thread and of all others, from /proc: where the time of an append goes.</summary>
internal readonly record struct ThreadTimes(double WriterUser, double WriterKernel, double OthersUser, double OthersKernel)
{
    private const double TicksPerSecond = 100; // USER_HZ, fixed in the interface of /proc

    public static ThreadTimes Now()
    {
        (double, double) writer = (0, 0), others = (0, 0);
        foreach (string task in Directory.GetDirectories("/proc/self/task"))
        {
            try
            {
                string stat = File.ReadAllText(Path.Combine(task, "stat"));
                string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
                double user = double.Parse(fields[11], CultureInfo.InvariantCulture) / TicksPerSecond, kernel = double.Parse(fields[12], CultureInfo.InvariantCulture) / TicksPerSecond;
                if (stat.Contains("(edge-journal)", StringComparison.Ordinal)) writer = (writer.Item1 + user, writer.Item2 + kernel);
                else others = (others.Item1 + user, others.Item2 + kernel);
            }
            catch (IOException) { } // the thread ended meanwhile
        }
        return new ThreadTimes(writer.Item1, writer.Item2, others.Item1, others.Item2);
    }

    public static ThreadTimes operator -(ThreadTimes a, ThreadTimes b) => new(a.WriterUser - b.WriterUser, a.WriterKernel - b.WriterKernel, a.OthersUser - b.OthersUser, a.OthersKernel - b.OthersKernel);

    /// <summary>Shares of that many seconds of one processor.</summary>
    public string Over(double seconds) => string.Create(CultureInfo.InvariantCulture,
        $"writer {WriterUser / seconds:P0} user, {WriterKernel / seconds:P0} kernel, {Math.Max(0, 1 - ((WriterUser + WriterKernel) / seconds)):P0} waiting; sources {OthersUser / seconds:P0} user, {OthersKernel / seconds:P0} kernel of one processor");
}
