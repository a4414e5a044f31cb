using Edge.Hardware.Buses;
using Xunit;

namespace Edge.Hardware.Tests.Buses;

/// <summary>The real serial code on a pseudo terminal of the kernel.</summary>
public sealed unsafe class SerialPortTests : IDisposable
{
    private readonly int _master;
    private readonly string _slave;

    public SerialPortTests()
    {
        _master = Libc.Open("/dev/ptmx", Libc.ReadWrite | Libc.NoControllingTerminal);
        int locked = 0, number = 0;
        Assert.True(_master >= 0 && Libc.Ioctl(_master, 0x40045431, &locked) == 0 && Libc.Ioctl(_master, 0x80045430, &number) == 0, "no pseudo terminal here"); // TIOCSPTLCK, TIOCGPTN
        _slave = $"/dev/pts/{number}";
    }

    [Fact]
    public void Port_BytesOfEveryValue_PassUnchangedBothWays()
    {
        using var port = new LinuxSerialPort(new(_slave, 115200));
        byte[] all = [.. Enumerable.Range(0, 256).Select(static i => (byte)i)], got = new byte[256];
        fixed (byte* from = all) Assert.Equal(256, Libc.Write(_master, from, 256));
        int count = 0;
        for (long end = Environment.TickCount64 + 10_000; count < 256 && Environment.TickCount64 < end;) count += port.Read(got.AsSpan(count), TimeSpan.FromMilliseconds(200));
        Assert.Equal(all, got);
        port.Write(all);
        byte[] back = new byte[256];
        fixed (byte* to = back) Assert.Equal(256, Libc.Read(_master, to, 256));
        Assert.Equal(all, back);
    }

    [Fact]
    public void Read_NothingComes_ReturnsZeroInTime()
    {
        using var port = new LinuxSerialPort(new(_slave, 9600));
        long began = Environment.TickCount64;
        Assert.Equal(0, port.Read(new byte[8], TimeSpan.FromMilliseconds(50)));
        Assert.True(Environment.TickCount64 - began >= 40);
    }

    [Fact]
    public void DiscardInput_BytesWait_AreGone()
    {
        using var port = new LinuxSerialPort(new(_slave, 9600));
        byte one = 7;
        Assert.Equal(1, Libc.Write(_master, &one, 1));
        Thread.Sleep(50);
        port.DiscardInput();
        Assert.Equal(0, port.Read(new byte[8], TimeSpan.FromMilliseconds(20)));
    }

    [Fact]
    public void Open_NoSerialLine_SaysSo() => Assert.Contains("/dev/null is no serial line", Assert.Throws<BusException>(() => new LinuxSerialPort(new("/dev/null", 9600))).Message, StringComparison.Ordinal);

    [Fact]
    public void Open_OddBaudRate_ListsThoseThereAre() => Assert.Contains("cannot run at 12345 baud; use one of 1200", Assert.Throws<BusException>(() => new LinuxSerialPort(new(_slave, 12345))).Message, StringComparison.Ordinal);

    [Fact]
    public void Read_OtherEndGone_IsANamedError()
    {
        using var port = new LinuxSerialPort(new(_slave, 9600));
        _ = Libc.Close(_master);
        Assert.Equal(BusFault.NoDevice, Assert.Throws<BusException>(() => port.Read(new byte[8], TimeSpan.FromSeconds(1))).Fault);
    }

    public void Dispose() => _ = Libc.Close(_master);
}
