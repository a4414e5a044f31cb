namespace Edge.Crash.Tests.Syncing;

/// <summary>Size and kind of a sync soak.</summary>
internal sealed record SoakOptions
{
    /// <summary>How long faults go on; 0 = until <see cref="Kills"/> and <see cref="Cuts"/> are reached.</summary>
    public TimeSpan Time { get; set; }

    /// <summary>Least kill -9 of the appliance.</summary>
    public int Kills { get; set; } = 3;

    /// <summary>Least faults of the link.</summary>
    public int Cuts { get; set; } = 4;

    /// <summary>0 = a hub is the centre; 1 or 3 brokers of Apache Kafka.</summary>
    public int Brokers { get; set; }

    /// <summary>Kill and freeze the centre too.</summary>
    public bool HurtsCentre { get; set; } = true;

    /// <summary>Places and chooses the faults.</summary>
    public int Seed { get; set; } = Environment.TickCount;

    /// <summary>The program; null = the one that was built with the tests.</summary>
    public string? Executable { get; set; }
}
