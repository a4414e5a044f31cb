namespace Edge.Hardware.Buses;

/// <summary>What is wrong between the appliance and a device.</summary>
public enum BusFault : byte
{
    /// <summary>There is no such bus or line on this machine.</summary>
    NoSuchBus,

    /// <summary>Somebody else holds the line or the bus.</summary>
    InUse,

    /// <summary>The process may not open it; the message names the group.</summary>
    NoPermission,

    /// <summary>Nobody acknowledges at the address.</summary>
    NoDevice,

    /// <summary>A line stays low: clock stretched without end, or a short. The bus is worth a recovery.</summary>
    Stuck,

    /// <summary>The transfer failed in some other way.</summary>
    Transfer,

    /// <summary>A checksum does not match.</summary>
    Checksum,

    /// <summary>The device answers, but is another one.</summary>
    WrongDevice,

    /// <summary>The device was not ready in time.</summary>
    Timeout,
}
