namespace Edge.Hardware;

/// <summary>State of one bus. Counters are since start.</summary>
/// <param name="Failures">Readings that failed on the bus, of all its sensors.</param>
/// <param name="Recoveries">Times it was freed by clock pulses.</param>
/// <param name="FailedRecoveries">Times that did not help or could not be done.</param>
/// <param name="BusyWith">Sensor that is being read at this moment; null when idle.</param>
public sealed record BusStatus(string Name, long Failures, long Recoveries, long FailedRecoveries, string? BusyWith);
