namespace Edge.Hardware.Detection;

/// <summary>One pin of the header and who uses it.</summary>
/// <param name="Number">Physical, from 1.</param>
/// <param name="Label"><c>GPIO17</c>, <c>3V3</c>, <c>GND</c>.</param>
/// <param name="Function">What else it is, for example <c>SDA1</c>.</param>
/// <param name="ConfiguredFor">Sensor or bus of the configuration; empty when none.</param>
/// <param name="HeldBy">Who holds the line at this moment; empty when nobody.</param>
public sealed record PinUse(int Number, string Label, string Function, string ConfiguredFor, string HeldBy);
