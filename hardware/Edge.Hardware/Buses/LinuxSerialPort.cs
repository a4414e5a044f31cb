namespace Edge.Hardware.Buses;

/// <summary>A serial line of the kernel in raw form.</summary>
/// <remarks>Source: termios(3); struct termios of glibc on x64 and arm64 (60 bytes); linux/serial.h for TIOCSRS485.</remarks>
internal sealed unsafe class LinuxSerialPort : ISerialPort
{
    private const int TermiosBytes = 60, ControlCharacters = 17, Minimum = 6, Time = 5;
    private const uint CharacterSize = 0x30, Eight = 0x30, TwoStopBits = 0x40, CanRead = 0x80, EvenParity = 0x100, OddParity = 0x200, IgnoreModem = 0x800, CheckParity = 0x10;
    private const nuint SetRs485 = 0x542F, GetExclusive = 0x540C;

    private static readonly Dictionary<int, uint> Speeds = new()
    {
        [1200] = 0x9, [2400] = 0xB, [4800] = 0xC, [9600] = 0xD, [19200] = 0xE, [38400] = 0xF, [57600] = 0x1001, [115200] = 0x1002, [230400] = 0x1003, [460800] = 0x1004, [921600] = 0x1007,
    };

    private readonly SerialSettings _settings;
    private int _handle;

    public LinuxSerialPort(SerialSettings settings)
    {
        _settings = settings;
        _handle = Libc.Open(settings.Device, Libc.ReadWrite | Libc.NoControllingTerminal | Libc.NonBlocking | Libc.CloseOnExec);
        if (_handle < 0) throw DeviceAccess.CannotOpen(settings.Device, Libc.LastError, "enable the serial port without a login shell on it ('sudo raspi-config', Interface, Serial Port), or name another device");
        try { SetUp(); }
        catch
        {
            Dispose();
            throw;
        }
    }

    public static IReadOnlyCollection<int> BaudRates => Speeds.Keys;

    public int Read(Span<byte> buffer, TimeSpan timeout)
    {
        var wait = new Libc.PollDescriptor { Handle = _handle, Events = Libc.PollIn };
        int ready = Libc.Poll(&wait, 1, (int)Math.Clamp(timeout.TotalMilliseconds, 0, 60_000));
        if (ready == 0 || (ready < 0 && Libc.LastError == Libc.Interrupted)) return 0;
        if (ready < 0) throw Failed("waiting");
        if ((wait.Happened & Libc.PollIn) == 0) throw new BusException(BusFault.NoDevice, $"{_settings.Device} was unplugged");
        fixed (byte* bytes = buffer)
        {
            nint read = Libc.Read(_handle, bytes, buffer.Length);
            if (read >= 0) return (int)read;
            return Libc.LastError is Libc.TryAgain or Libc.Interrupted ? 0 : throw Failed("reading");
        }
    }

    public void Write(ReadOnlySpan<byte> bytes)
    {
        int tries = 0;
        while (bytes.Length > 0)
        {
            fixed (byte* from = bytes)
            {
                nint written = Libc.Write(_handle, from, bytes.Length);
                if (written > 0) { bytes = bytes[(int)written..]; continue; }
                if (Libc.LastError is not (Libc.TryAgain or Libc.Interrupted) || ++tries > 200) throw Failed("writing");
                Thread.Sleep(5); // the line is slower than its buffer: at most a second
            }
        }
    }

    public void DiscardInput() => _ = Libc.FlushTerminal(_handle, 0);

    public void Dispose()
    {
        if (_handle < 0) return;
        _ = Libc.Close(_handle);
        _handle = -1;
    }

    private void SetUp()
    {
        byte* termios = stackalloc byte[TermiosBytes + 16];
        if (Libc.GetTerminal(_handle, termios) != 0) throw new BusException(BusFault.NoSuchBus, $"{_settings.Device} is no serial line");
        uint* flags = (uint*)termios; // input, output, control, local
        flags[0] = _settings.Parity == SerialParity.None ? 0 : CheckParity;
        flags[1] = 0;
        flags[2] = (flags[2] & ~(CharacterSize | TwoStopBits | EvenParity | OddParity)) | Eight | CanRead | IgnoreModem
            | (_settings.StopBits == 2 ? TwoStopBits : 0) | _settings.Parity switch { SerialParity.Even => EvenParity, SerialParity.Odd => EvenParity | OddParity, _ => 0 };
        flags[3] = 0;
        termios[ControlCharacters + Minimum] = 0;
        termios[ControlCharacters + Time] = 0;
        if (!Speeds.TryGetValue(_settings.BaudRate, out uint speed) || Libc.SetSpeed(termios, speed) != 0)
            throw new BusException(BusFault.NoSuchBus, $"{_settings.Device} cannot run at {_settings.BaudRate} baud; use one of {string.Join(", ", Speeds.Keys)}");
        if (Libc.SetTerminal(_handle, 0, termios) != 0) throw Failed("setting up");
        if (Libc.Ioctl(_handle, GetExclusive, null) != 0) throw new BusException(BusFault.InUse, $"{_settings.Device} is in use by another program");
        if (_settings.IsRs485) SetUpRs485();
        DiscardInput();
    }

    /// <summary>The kernel's driver switches the transceiver's direction with RTS.</summary>
    private void SetUpRs485()
    {
        uint* rs485 = stackalloc uint[8];
        new Span<uint>(rs485, 8).Clear();
        rs485[0] = 0b11; // enabled, RTS high while sending
        if (Libc.Ioctl(_handle, SetRs485, rs485) != 0)
            throw new BusException(BusFault.NoSuchBus, $"{_settings.Device}: its driver cannot switch an RS-485 transceiver; use an adapter that does it by itself and leave 'rs485' out");
    }

    private BusException Failed(string doing) => new(Libc.LastError == Libc.IoError ? BusFault.NoDevice : BusFault.Transfer, $"{_settings.Device}: {doing} failed: {Libc.Text(Libc.LastError)}");
}
