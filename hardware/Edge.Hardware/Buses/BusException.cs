using Edge.Log;

namespace Edge.Hardware.Buses;

/// <summary>A transfer or the opening of a bus failed. The message names bus, address and what to do.</summary>
public sealed class BusException(BusFault fault, string message, Exception? inner = null) : EdgeException(message, inner)
{
    public BusFault Fault { get; } = fault;

    public override bool IsTransient => true;
}
