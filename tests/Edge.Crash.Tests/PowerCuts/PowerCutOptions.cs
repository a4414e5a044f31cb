namespace Edge.Crash.Tests.PowerCuts;

/// <summary>Size of a power-cut loop.</summary>
internal sealed record PowerCutOptions
{
    public int Cuts { get; set; } = 50;

    /// <summary>The control: fdatasync and fsync are left out, so what is acknowledged must get lost.</summary>
    public bool WithoutSync { get; set; }

    /// <summary>The disk dies under the running process instead of under a frozen one: from then on writes and syncs fail.</summary>
    public bool WithoutFreeze { get; set; }

    /// <summary>Places the cuts and makes the records.</summary>
    public int Seed { get; set; } = Environment.TickCount & int.MaxValue;

    /// <summary>Where the image lies.</summary>
    public string Work { get; set; } = Path.GetTempPath();
}
