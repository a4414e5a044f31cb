using Edge.Log.Storage;
using Edge.Testing.Storage;

namespace Edge.Testing.Simulation;

/// <summary>How one simulated life of a journal goes.</summary>
public sealed record SimulationOptions
{
    /// <summary>Steps of the workload; each is a few commits, a reopening, a retention run.</summary>
    public int Steps { get; set; } = 12;

    /// <summary>Percent of batches that are large (tens of KiB), so that segments roll.</summary>
    public int LargeBatchPercent { get; set; } = 10;

    /// <summary>How deep power cuts nest: 1 = a second one during the recovery from the first.</summary>
    public int Depth { get; set; } = 1;

    /// <summary>Disk images made of each power cut, 1 to 9 of <see cref="CrashVariant"/>; one when nothing was un-synced.</summary>
    public int VariantsPerPoint { get; set; } = 4;

    /// <summary>Percent of recoveries that are cut once more while they run.</summary>
    public int SecondCrashPercent { get; set; } = 25;

    /// <summary>Percent of images on which the journal is used on after recovery, and cut again.</summary>
    public int ContinuePercent { get; set; } = 10;

    public int PadBytes { get; set; }

    /// <summary>Bytes the journal may use on the disk, and the disk's size.</summary>
    public long CapacityBytes { get; set; } = 1L << 40;

    /// <summary>True when appends may be refused because the disk is full. Then everything is wanted: nothing may be removed to make room.</summary>
    public bool IsDiskSmall => CapacityBytes < 1L << 40;

    /// <summary>Puts a planted bug between journal and disk.</summary>
    public Func<SimulatedDisk, IDisk>? Decorate { get; set; }

    /// <summary>Planted bug: acknowledge when the bytes were handed over.</summary>
    public bool AcknowledgesOnWrite { get; set; }

    /// <summary>Only this crash point and variant are looked at: replay of a failure.</summary>
    public long OnlyAt { get; set; }
    public CrashVariant? OnlyVariant { get; set; }
}
