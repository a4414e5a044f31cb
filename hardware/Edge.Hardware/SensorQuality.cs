namespace Edge.Hardware;

/// <summary>How far a reading can be trusted.</summary>
public enum SensorQuality : byte
{
    Good,

    /// <summary>The number is an old one: the device had nothing new, or has not answered for a while. Published with the header <c>quality</c>.</summary>
    Stale,

    /// <summary>A number, but one the quantity cannot have. Published with the header <c>quality</c>.</summary>
    OutOfRange,

    /// <summary>There is no number: the source is broken or gave something unreadable. Not published.</summary>
    Fault,
}
