using System.Diagnostics;
using System.Globalization;

namespace Edge.Log.Tests.Simulation;

/// <summary>The journal's simulation without end: one seed after the other, with figures. scripts/soak simulate calls it.</summary>
internal static class SimulationSoak
{
    /// <summary>What a life is like: the name in the output, and how it goes.</summary>
    private static readonly (string Name, Func<SimulationOptions> Options)[] Lives =
    [
        ("small records", static () => new SimulationOptions { Steps = 12, LargeBatchPercent = 0 }),
        ("rolling segments", static () => new SimulationOptions { Steps = 12, LargeBatchPercent = 20 }),
        ("medium that damages pages", static () => new SimulationOptions { Steps = 10, LargeBatchPercent = 5, PadBytes = 4096 }),
        ("disk too small", static () => new SimulationOptions { Steps = 20, LargeBatchPercent = 70, CapacityBytes = 5L << 20 }),
    ];

    /// <returns>0 nothing lost, 1 a seed failed.</returns>
    public static int Run(double minutes, ulong firstSeed, TextWriter output)
    {
        long began = Stopwatch.GetTimestamp();
        var total = new SimulationResult();
        var gate = new Lock();
        string? failure = null;
        long next = -1;
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"simulating for {minutes} minutes on {Environment.ProcessorCount} processors, from seed {firstSeed} on"));
        Parallel.For(0, Environment.ProcessorCount, worker =>
        {
            while (Volatile.Read(ref failure) is null && Stopwatch.GetElapsedTime(began).TotalMinutes < minutes)
            {
                long number = Interlocked.Increment(ref next);
                ulong seed = firstSeed + (ulong)number;
                (string name, Func<SimulationOptions> options) = Lives[number % Lives.Length];
                try
                {
                    SimulationResult result = JournalSimulation.Run(seed, options());
                    lock (gate)
                    {
                        total.Add(result);
                        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Stopwatch.GetElapsedTime(began).TotalSeconds,7:0.0} s  seed {seed} ({name}): {result.CrashPoints} crash points, {result.Images} images, {result.RecordsChecked} records checked"));
                    }
                }
                catch (Exception e)
                {
                    lock (gate)
                    {
                        failure ??= e.Message;
                        output.WriteLine($"seed {seed} ({name}) FAILED: {e}");
                    }
                }
            }
        });
        double seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{total}; {seconds:0.0} s, {total.CrashPoints / seconds:0} crash points a second: {(failure is null ? "nothing acknowledged was lost" : failure)}"));
        return failure is null ? 0 : 1;
    }
}
