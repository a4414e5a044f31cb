using System.Diagnostics;

namespace Edge.Testing.Processes;

/// <summary>Waits for something with a deadline instead of for some time.</summary>
public static class Eventually
{
    /// <summary>Polls until it is true. An appliance that does not answer over HTTP at the moment is asked again.</summary>
    /// <exception cref="TimeoutException">It did not become true in time; the message says what was waited for.</exception>
    public static async Task TrueAsync(Func<Task<bool>> condition, TimeSpan timeout, Func<string> what)
    {
        ArgumentNullException.ThrowIfNull(condition);
        ArgumentNullException.ThrowIfNull(what);
        long began = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                if (await condition().ConfigureAwait(false)) return;
            }
            catch (Exception e) when (e is HttpRequestException or TaskCanceledException) { }
            if (Stopwatch.GetElapsedTime(began) > timeout) throw new TimeoutException($"Not within {timeout}: {what()}");
            await Task.Delay(25).ConfigureAwait(false);
        }
    }

    public static Task TrueAsync(Func<bool> condition, TimeSpan timeout, string what) => TrueAsync(() => Task.FromResult(condition()), timeout, () => what);
}
