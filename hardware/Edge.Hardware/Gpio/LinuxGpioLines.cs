using System.Text;
using Edge.Hardware.Buses;

namespace Edge.Hardware.Gpio;

/// <summary>Lines requested from the kernel's GPIO character device.</summary>
/// <remarks>Source: linux/gpio.h, uAPI version 2: struct gpio_v2_line_request (592 bytes), gpio_v2_line_values, gpio_v2_line_event (48 bytes).</remarks>
internal sealed unsafe class LinuxGpioLines : IGpioLines
{
    internal const ulong Used = 1, ActiveLow = 1 << 1, Input = 1 << 2, Output = 1 << 3, Rising = 1 << 4, Falling = 1 << 5, OpenDrain = 1 << 6, OpenSource = 1 << 7, PullUp = 1 << 8, PullDown = 1 << 9, NoBias = 1 << 10;

    private const nuint GetLine = 0xC250B407, GetValues = 0xC010B40E, SetValues = 0xC010B40F;
    private const int RequestBytes = 592, EventBytes = 48, EventsAtOnce = 64;

    private readonly GpioRequest _request;
    private readonly string _shown;
    private int _handle = -1;

    public LinuxGpioLines(GpioRequest request)
    {
        _request = request;
        _shown = string.Join(", ", request.Lines.Select(static l => l.Shown));
        string chip = request.Lines[0].Chip;
        int chipHandle = LinuxGpioChip.Open(chip);
        try
        {
            byte* asked = stackalloc byte[RequestBytes];
            new Span<byte>(asked, RequestBytes).Clear();
            for (int i = 0; i < request.Lines.Count; i++) ((uint*)asked)[i] = (uint)request.Lines[i].Offset;
            Encoding.UTF8.GetBytes(request.Consumer.AsSpan(0, Math.Min(request.Consumer.Length, 31)), new Span<byte>(asked + 256, 31));
            *(ulong*)(asked + 288) = Flags(request);
            if (request is { IsOutput: true, InitialValue: true })
            {
                *(uint*)(asked + 296) = 1; // one attribute: values at the moment of the request, so that no line glitches
                *(uint*)(asked + 320) = 2;
                *(ulong*)(asked + 328) = Mask;
                *(ulong*)(asked + 336) = Mask;
            }
            *(uint*)(asked + 560) = (uint)request.Lines.Count;
            *(uint*)(asked + 564) = GpioRequest.EventBuffer;
            if (Libc.Ioctl(chipHandle, GetLine, asked) < 0) throw CannotRequest(chip, Libc.LastError);
            _handle = *(int*)(asked + 588);
        }
        finally { _ = Libc.Close(chipHandle); }
    }

    public int Handle => _handle;

    private ulong Mask => (1ul << _request.Lines.Count) - 1;

    public bool Read(int index)
    {
        ulong* values = stackalloc ulong[2];
        (values[0], values[1]) = (0, 1ul << index);
        return Libc.Ioctl(_handle, GetValues, values) >= 0 ? (values[0] >> index & 1) != 0 : throw Failed("reading");
    }

    public void Write(int index, bool value)
    {
        ulong* values = stackalloc ulong[2];
        (values[0], values[1]) = (value ? 1ul << index : 0, 1ul << index);
        if (Libc.Ioctl(_handle, SetValues, values) < 0) throw Failed("writing");
    }

    public int ReadEdges(Span<GpioEdge> edges)
    {
        byte* events = stackalloc byte[EventBytes * EventsAtOnce];
        nint read = Libc.Read(_handle, events, EventBytes * Math.Min(edges.Length, EventsAtOnce));
        if (read < 0) return Libc.LastError is Libc.TryAgain or Libc.Interrupted ? 0 : throw Failed("reading edges of");
        int count = (int)(read / EventBytes);
        for (int i = 0; i < count; i++)
        {
            byte* at = events + (i * EventBytes);
            edges[i] = new(IndexOf((int)*(uint*)(at + 12)), *(uint*)(at + 8) == 1, (long)*(ulong*)at, *(uint*)(at + 16), *(uint*)(at + 20));
        }
        return count;
    }

    public void Dispose()
    {
        if (_handle >= 0) _ = Libc.Close(_handle);
        _handle = -1;
    }

    private static ulong Flags(GpioRequest request) =>
        (request.IsOutput ? Output : Input)
        | (request.IsActiveLow ? ActiveLow : 0)
        | (request.RisingEdges ? Rising : 0)
        | (request.FallingEdges ? Falling : 0)
        | request.Bias switch { GpioBias.PullUp => PullUp, GpioBias.PullDown => PullDown, GpioBias.None => NoBias, _ => 0 }
        | request.Drive switch { GpioDrive.OpenDrain => OpenDrain, GpioDrive.OpenSource => OpenSource, _ => 0 };

    private int IndexOf(int offset)
    {
        for (int i = 0; i < _request.Lines.Count; i++) if (_request.Lines[i].Offset == offset) return i;
        return 0;
    }

    private BusException CannotRequest(string chip, int error)
    {
        if (error == Libc.Busy)
        {
            string holders = string.Join(" and ", LinuxGpioChip.Lines(chip).Where(l => l.IsUsed && _request.Lines.Any(r => r.Offset == l.Offset)).Select(static l => l.Consumer.Length > 0 ? $"'{l.Consumer}'" : "a driver of the kernel"));
            return new(BusFault.InUse, $"line {_shown} is in use by {(holders.Length > 0 ? holders : "another program")}");
        }
        if (error == Libc.Invalid)
        {
            int lines = LinuxGpioChip.Describe(chip).Lines;
            if (_request.Lines.Any(l => l.Offset >= lines)) return new(BusFault.NoSuchBus, $"there is no line {_shown}: {chip} has lines 0 to {lines - 1}");
            return new(BusFault.NoSuchBus, $"line {_shown} cannot be used this way (pull resistor, drive or edges): the chip refuses it");
        }
        if (error is Libc.NoPermission or Libc.NoPermission2) return new(BusFault.NoPermission, DeviceAccess.NoPermission($"/dev/{chip}"));
        return new(BusFault.Transfer, $"line {_shown} cannot be had: {Libc.Text(error)}");
    }

    private BusException Failed(string doing) => new(BusFault.Transfer, $"{doing} line {_shown} failed: {Libc.Text(Libc.LastError)}");
}
