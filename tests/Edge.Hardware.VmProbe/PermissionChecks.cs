using System.Runtime.InteropServices;
using Edge.Hardware.Buses;
using Edge.Hardware.Gpio;

namespace Edge.Hardware.VmProbe;

/// <summary>What a process without rights is told. The files belong to groups that the virtual machine's /etc/group names.</summary>
internal static partial class PermissionChecks
{
    public static void Run(Checks checks, string chip)
    {
        if (SetUser(65534) != 0) throw new InvalidOperationException("cannot give up root");
        checks.RunAsync("permission: a GPIO chip says which group", () => Refused(() => LinuxGpioChip.Open(chip), "gpio")).Wait();
        string? bus = Directory.GetFiles("/dev", "i2c-*").FirstOrDefault();
        if (bus is not null) checks.RunAsync("permission: an I2C bus says which group", () => Refused(() => DeviceAccess.Check(bus, ""), "i2c")).Wait();
    }

    private static string Refused(Action open, string group)
    {
        try { open(); }
        catch (BusException e)
        {
            Checks.That(e.Fault == BusFault.NoPermission && e.Message.Contains($"belongs to group {group}", StringComparison.Ordinal), e.Message);
            return $"\"{e.Message}\"";
        }
        throw new CheckException("it was allowed");
    }

    [LibraryImport("libc", EntryPoint = "seteuid")]
    private static partial int SetUser(uint user);
}
