namespace Edge.Hardware.Detection;

/// <summary>One device that answered.</summary>
/// <param name="Bus"><c>i2c-1</c>, <c>w1</c>, <c>iio</c>, <c>hwmon</c>, <c>spi</c>, <c>serial</c>.</param>
/// <param name="Address">Address or name on the bus.</param>
/// <param name="Drivers">Drivers that may fit, the likeliest first; empty when none is known.</param>
/// <param name="IsCertain">An identification register said what it is; otherwise it is a guess by address.</param>
public sealed record DetectedDevice(string Bus, string Address, IReadOnlyList<string> Drivers, bool IsCertain);
