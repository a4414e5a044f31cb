using System.Diagnostics;

namespace Edge.Hardware.VmProbe;

/// <summary>Runs checks one after the other and says what came out.</summary>
internal sealed class Checks
{
    public int Passed { get; private set; }

    public int Failed { get; private set; }

    /// <param name="check">Returns what was measured; throws when it is not as it should be.</param>
    public async Task RunAsync(string name, Func<Task<string>> check)
    {
        long began = Stopwatch.GetTimestamp();
        try
        {
            string measured = await check().WaitAsync(TimeSpan.FromSeconds(60)).ConfigureAwait(false);
            Passed++;
            Console.WriteLine($"PASS {name}: {measured} ({Stopwatch.GetElapsedTime(began).TotalMilliseconds:0} ms)");
        }
        catch (Exception e) // one failed check must not hide the others
        {
            Failed++;
            Console.WriteLine($"FAIL {name}: {e.GetType().Name}: {e.Message}{(e is CheckException ? "" : Environment.NewLine + e.StackTrace)}");
        }
    }

    public Task RunAsync(string name, Func<string> check) => RunAsync(name, () => Task.FromResult(check()));

    public static void That(bool condition, string what)
    {
        if (!condition) throw new CheckException(what);
    }

    public static async Task UntilAsync(Func<bool> condition, string what)
    {
        for (long began = Stopwatch.GetTimestamp(); !condition(); await Task.Delay(10).ConfigureAwait(false))
            That(Stopwatch.GetElapsedTime(began) < TimeSpan.FromSeconds(20), $"not within 20 s: {what}");
    }
}

internal sealed class CheckException(string message) : Exception(message);
