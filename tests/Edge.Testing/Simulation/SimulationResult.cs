namespace Edge.Testing.Simulation;

/// <summary>Figures of a simulation.</summary>
public sealed class SimulationResult
{
    public long Seeds { get; set; }
    public long CrashPoints { get; set; }
    public long Images { get; set; }
    public long Recoveries { get; set; }
    public long RecordsChecked { get; set; }
    public long Acknowledged { get; set; }
    public long Segments { get; set; }

    public void Add(SimulationResult other)
    {
        Seeds += other.Seeds;
        CrashPoints += other.CrashPoints;
        Images += other.Images;
        Recoveries += other.Recoveries;
        RecordsChecked += other.RecordsChecked;
        Acknowledged += other.Acknowledged;
        Segments += other.Segments;
    }

    public override string ToString() =>
        $"{Seeds} seeds, {CrashPoints} crash points, {Images} disk images, {Recoveries} recoveries, {Acknowledged} items acknowledged, {RecordsChecked} records checked, {Segments} segments";
}
