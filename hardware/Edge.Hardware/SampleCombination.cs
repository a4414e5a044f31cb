namespace Edge.Hardware;

/// <summary>How several readings become one value.</summary>
public enum SampleCombination : byte
{
    Mean,
    Median,
}
