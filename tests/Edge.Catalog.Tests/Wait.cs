namespace Edge.Catalog.Tests;

internal static class Wait
{
    /// <summary>Polls until a condition holds; fails loudly after 20 s.</summary>
    public static async Task UntilAsync(Func<bool> condition, string what, Action? betweenPolls = null)
    {
        for (long end = Environment.TickCount64 + 20_000; !condition();)
        {
            if (Environment.TickCount64 > end) throw new TimeoutException($"not within 20 s: {what}");
            betweenPolls?.Invoke();
            await Task.Delay(5);
        }
    }
}
