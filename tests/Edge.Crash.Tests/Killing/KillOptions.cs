namespace Edge.Crash.Tests.Killing;

/// <summary>Size of a kill loop.</summary>
internal sealed record KillOptions
{
    public int Messages { get; set; } = 20_000;
    public int Connections { get; set; } = 10;

    /// <summary>kill -9 of the appliance.</summary>
    public int Kills { get; set; } = 4;

    /// <summary>kill -9 of the hub, while it is being forwarded to.</summary>
    public int HubKills { get; set; }

    /// <summary>Messages in flight per connection.</summary>
    public int Window { get; set; } = 20;

    /// <summary>Places the kills.</summary>
    public int Seed { get; set; } = Environment.TickCount;

    /// <summary>Longest time for everything.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>The program; null = the one that was built with the tests.</summary>
    public string? Executable { get; set; }
}
