using System.Text;
using Edge.Hardware.Buses;

namespace Edge.Hardware.Gpio;

/// <summary>What the kernel says about GPIO chips and lines.</summary>
/// <remarks>Source: linux/gpio.h, uAPI version 2 (kernel 5.10). Asked through the character device itself, since libgpiod's bindings pass on neither time nor sequence of an edge.</remarks>
internal static unsafe class LinuxGpioChip
{
    public const string DeviceFolder = "/dev";

    private const nuint GetChipInfo = 0x8044B401, GetLineInfo = 0xC100B405;
    private const int ChipInfoBytes = 68, LineInfoBytes = 256;

    /// <summary>Names of the chips there are: <c>gpiochip0</c> …</summary>
    public static IReadOnlyList<string> List()
    {
        try { return [.. Directory.GetFileSystemEntries(DeviceFolder, "gpiochip*").Select(static p => Path.GetFileName(p)!).OrderBy(static n => n.Length).ThenBy(static n => n, StringComparer.Ordinal)]; }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException) { return []; }
    }

    /// <exception cref="BusException">No such chip, or not allowed.</exception>
    public static int Open(string chip)
    {
        int handle = Libc.Open($"{DeviceFolder}/{chip}", Libc.ReadWrite | Libc.CloseOnExec);
        return handle >= 0 ? handle : throw DeviceAccess.CannotOpen($"{DeviceFolder}/{chip}", Libc.LastError, "this machine has no such GPIO chip ('edge hardware detect' lists those there are)");
    }

    public static GpioChipInfo Describe(string chip)
    {
        int handle = Open(chip);
        try
        {
            byte* info = stackalloc byte[ChipInfoBytes];
            new Span<byte>(info, ChipInfoBytes).Clear();
            if (Libc.Ioctl(handle, GetChipInfo, info) < 0) throw new BusException(BusFault.Transfer, $"{chip} does not describe itself: {Libc.Text(Libc.LastError)}");
            return new(chip, Text(info + 32), (int)*(uint*)(info + 64));
        }
        finally { _ = Libc.Close(handle); }
    }

    public static IReadOnlyList<GpioLineInfo> Lines(string chip)
    {
        int count = Describe(chip).Lines, handle = Open(chip);
        try
        {
            var lines = new List<GpioLineInfo>(count);
            byte* info = stackalloc byte[LineInfoBytes];
            for (int i = 0; i < count; i++)
            {
                new Span<byte>(info, LineInfoBytes).Clear();
                *(uint*)(info + 64) = (uint)i;
                if (Libc.Ioctl(handle, GetLineInfo, info) < 0) throw new BusException(BusFault.Transfer, $"{chip} does not describe its line {i}: {Libc.Text(Libc.LastError)}");
                ulong flags = *(ulong*)(info + 72);
                lines.Add(new(i, Text(info), (flags & LinuxGpioLines.Used) != 0, Text(info + 32), (flags & LinuxGpioLines.Output) != 0));
            }
            return lines;
        }
        finally { _ = Libc.Close(handle); }
    }

    private static string Text(byte* text)
    {
        var bytes = new ReadOnlySpan<byte>(text, 32);
        int end = bytes.IndexOf((byte)0);
        return Encoding.UTF8.GetString(end < 0 ? bytes : bytes[..end]);
    }
}

internal readonly record struct GpioChipInfo(string Name, string Label, int Lines);

/// <param name="Name">As the kernel calls it, for example <c>GPIO17</c>; may be empty.</param>
/// <param name="Consumer">Who holds it; empty when nobody says.</param>
internal readonly record struct GpioLineInfo(int Offset, string Name, bool IsUsed, string Consumer, bool IsOutput);
