using System.Globalization;

namespace Edge.Benchmarks.Journal;

/// <summary>Processor time of the journal's writer thread and of the rest of the process, from /proc: where the work of an append is done, whatever else the machine does.</summary>
internal readonly record struct ThreadTimes(double WriterUser, double WriterKernel, double OthersUser, double OthersKernel)
{
    private const double TicksPerSecond = 100; // USER_HZ, fixed in the interface of /proc

    public static ThreadTimes Now()
    {
        (double user, double kernel) all = Of("/proc/self/stat"), writer = (0, 0);
        foreach (string task in Directory.GetDirectories("/proc/self/task"))
        {
            try
            {
                if (!File.ReadAllText(Path.Combine(task, "comm")).StartsWith("edge-journal", StringComparison.Ordinal)) continue;
                (double user, double kernel) one = Of(Path.Combine(task, "stat"));
                writer = (writer.user + one.user, writer.kernel + one.kernel);
            }
            catch (IOException) { } // the thread ended meanwhile
        }
        return new ThreadTimes(writer.user, writer.kernel, all.user - writer.user, all.kernel - writer.kernel);
    }

    public static ThreadTimes operator -(ThreadTimes a, ThreadTimes b) => new(a.WriterUser - b.WriterUser, a.WriterKernel - b.WriterKernel, a.OthersUser - b.OthersUser, a.OthersKernel - b.OthersKernel);

    /// <summary>Nanoseconds of one processor for each of that many records.</summary>
    public string Per(double records) => string.Create(CultureInfo.InvariantCulture,
        $"processor time a record: writer {WriterUser * 1e9 / records:0} ns user, {WriterKernel * 1e9 / records:0} ns kernel; sources {OthersUser * 1e9 / records:0} ns user, {OthersKernel * 1e9 / records:0} ns kernel");

    private static (double User, double Kernel) Of(string path)
    {
        string stat = File.ReadAllText(path);
        string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return (double.Parse(fields[11], CultureInfo.InvariantCulture) / TicksPerSecond, double.Parse(fields[12], CultureInfo.InvariantCulture) / TicksPerSecond);
    }
}
