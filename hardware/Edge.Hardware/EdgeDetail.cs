namespace Edge.Hardware;

/// <summary>What the kernel says about one edge of a GPIO line.</summary>
/// <param name="TimeNs">CLOCK_MONOTONIC at the interrupt.</param>
/// <param name="Sequence">Counts every edge of the line since it was opened, also those nobody could read.</param>
/// <param name="LostBefore">Edges between the one before and this one that the kernel had no room for.</param>
public sealed record EdgeDetail(long TimeNs, uint Sequence, long LostBefore);
