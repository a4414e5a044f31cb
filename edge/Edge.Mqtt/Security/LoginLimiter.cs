namespace Edge.Mqtt.Security;

/// <summary>Failed logins per user and per address: after <paramref name="maxFailures"/> within a minute further ones are turned away unread until the minute is over.</summary>
/// <remarks>Bounded: beyond <see cref="MaxNames"/> names the oldest are forgotten first.</remarks>
internal sealed class LoginLimiter(int maxFailures, TimeProvider timeProvider)
{
    private const int MaxNames = 4096;
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);
    private readonly Lock _gate = new();
    private readonly Dictionary<string, (long Since, int Failures)> _failures = new(StringComparer.Ordinal);
    private readonly Queue<(string Name, long Since)> _order = new();

    public bool MayTry(params ReadOnlySpan<string> names)
    {
        lock (_gate)
        {
            Forget();
            foreach (string name in names)
                if (_failures.TryGetValue(name, out (long Since, int Failures) known) && known.Failures >= maxFailures) return false;
            return true;
        }
    }

    public void Failed(params ReadOnlySpan<string> names)
    {
        lock (_gate)
        {
            foreach (string name in names)
            {
                if (_failures.TryGetValue(name, out (long Since, int Failures) known)) _failures[name] = (known.Since, known.Failures + 1);
                else
                {
                    long now = timeProvider.GetTimestamp();
                    _failures[name] = (now, 1);
                    _order.Enqueue((name, now));
                }
            }
            Forget();
        }
    }

    private void Forget()
    {
        long now = timeProvider.GetTimestamp();
        while (_order.TryPeek(out (string Name, long Since) oldest) && (_order.Count > MaxNames || timeProvider.GetElapsedTime(oldest.Since, now) >= Window))
        {
            _order.Dequeue();
            _failures.Remove(oldest.Name);
        }
    }
}
