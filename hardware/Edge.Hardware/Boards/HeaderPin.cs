namespace Edge.Hardware.Boards;

/// <summary>One pin of a header.</summary>
/// <param name="Number">Physical, from 1.</param>
/// <param name="Label"><c>GPIO17</c>, <c>3V3</c>, <c>5V</c>, <c>GND</c>.</param>
/// <param name="Gpio">Offset on the header's chip; null for power and ground.</param>
/// <param name="Function">What else it is, for example <c>SDA1</c>; empty when only GPIO.</param>
public sealed record HeaderPin(int Number, string Label, int? Gpio, string Function);
