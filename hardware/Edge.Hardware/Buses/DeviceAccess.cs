using System.Globalization;

namespace Edge.Hardware.Buses;

/// <summary>Turns "cannot open" into what a person can do about it.</summary>
internal static class DeviceAccess
{
    /// <summary>The exception for an <c>open</c> that failed with <paramref name="error"/>.</summary>
    public static BusException CannotOpen(string path, int error, string hintWhenAbsent) => error switch
    {
        Libc.NoEntry or Libc.NoDevice or Libc.NoDeviceOrAddress => new(BusFault.NoSuchBus, $"there is no {path}; {hintWhenAbsent}"),
        Libc.NoPermission or Libc.NoPermission2 => new(BusFault.NoPermission, NoPermission(path)),
        Libc.Busy => new(BusFault.InUse, $"{path} is in use by another program"),
        _ => new(BusFault.Transfer, $"{path} cannot be opened: {Libc.Text(error)}"),
    };

    /// <summary>Says which group may open the file, from the file itself; where it belongs to root alone, which group usually does.</summary>
    public static string NoPermission(string path)
    {
        string? group = GroupOf(path);
        string usual = path.Contains("i2c", StringComparison.Ordinal) ? "i2c" : path.Contains("spi", StringComparison.Ordinal) ? "spi" : path.Contains("gpio", StringComparison.Ordinal) ? "gpio" : path.Contains("tty", StringComparison.Ordinal) || path.Contains("serial", StringComparison.Ordinal) ? "dialout" : "gpio";
        return group is null or "root"
            ? $"no permission to open {path}: it belongs to root alone. A udev rule gives it to group {usual} (Raspberry Pi OS has one); then: sudo usermod -aG {usual} {Environment.UserName}, and start the service again"
            : $"no permission to open {path}: it belongs to group {group}. Type: sudo usermod -aG {group} {Environment.UserName}, and start the service again";
    }

    /// <summary>Fails where the file is missing or may not be used; the packages below say only a number.</summary>
    public static void Check(string path, string hintWhenAbsent)
    {
        int handle = Libc.Open(path, Libc.ReadWrite | Libc.CloseOnExec | Libc.NonBlocking | Libc.NoControllingTerminal);
        if (handle < 0) throw CannotOpen(path, Libc.LastError, hintWhenAbsent);
        _ = Libc.Close(handle);
    }

    /// <summary>Null when it cannot be told.</summary>
    private static unsafe string? GroupOf(string path)
    {
        uint* status = stackalloc uint[64]; // struct statx, the same on every processor: stx_gid is its seventh word
        if (Libc.Status(-100, path, 0, 0x10, status) != 0) return null;
        try
        {
            string id = status[6].ToString(CultureInfo.InvariantCulture);
            return File.ReadLines("/etc/group").Select(static line => line.Split(':')).FirstOrDefault(fields => fields.Length > 2 && fields[2] == id)?[0];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException) { return null; }
    }
}
