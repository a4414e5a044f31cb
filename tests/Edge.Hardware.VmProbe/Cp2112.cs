using System.Buffers.Binary;
using System.Text;
using Edge.Hardware.Buses;
using Edge.Hardware.Simulation;

namespace Edge.Hardware.VmProbe;

/// <summary>A CP2112 (Silicon Labs' USB to I2C bridge) played to the kernel through /dev/uhid: its hid-cp2112 driver makes a real /dev/i2c-N of it.</summary>
/// <remarks>Source: Silicon Labs AN495 (reports 0x02 to 0x17), linux/uhid.h (event layout). The devices behind it are those of the simulation.</remarks>
internal sealed unsafe class Cp2112
{
    private const int EventBytes = 4380, Output = 6, GetReport = 9, GetReportReply = 10, Create2 = 11, Input2 = 12, SetReport = 13, SetReportReply = 14;

    private readonly Dictionary<int, ISimulatedI2c> _devices = [];
    private readonly Lock _lock = new();
    private readonly int _handle;
    private byte[] _read = [];
    private int _readAt;
    private bool _hasFailed;

    public Cp2112()
    {
        _handle = Libc.Open("/dev/uhid", Libc.ReadWrite);
        if (_handle < 0) throw new IOException($"/dev/uhid: {Libc.Text(Libc.LastError)}");
        List<byte> description = [0x06, 0x00, 0xFF, 0x09, 0x01, 0xA1, 0x01, 0x15, 0x00, 0x26, 0xFF, 0x00, 0x75, 0x08];
        void Report(byte id, byte bytes, byte kind) => description.AddRange([0x85, id, 0x95, bytes, 0x09, 0x01, kind, 0x02]);
        Report(0x13, 63, 0x81);
        Report(0x16, 6, 0x81);
        foreach (byte id in (byte[])[0x10, 0x11, 0x12, 0x14, 0x15, 0x17]) Report(id, 63, 0x91);
        foreach ((byte id, byte bytes) in ((byte, byte)[])[(2, 4), (3, 1), (4, 2), (5, 2), (6, 13), (9, 9)]) Report(id, bytes, 0xB1);
        description.Add(0xC0);
        byte[] create = new byte[EventBytes];
        create[0] = Create2;
        Encoding.ASCII.GetBytes("edge CP2112").CopyTo(create, 4);
        BinaryPrimitives.WriteUInt16LittleEndian(create.AsSpan(260), (ushort)description.Count);
        BinaryPrimitives.WriteUInt16LittleEndian(create.AsSpan(262), 3);
        BinaryPrimitives.WriteUInt32LittleEndian(create.AsSpan(264), 0x10C4);
        BinaryPrimitives.WriteUInt32LittleEndian(create.AsSpan(268), 0xEA90);
        description.CopyTo(create, 280);
        Send(create);
        new Thread(Run) { IsBackground = true, Name = "cp2112", Priority = ThreadPriority.Highest }.Start();
    }

    public long Transfers { get; private set; }

    public void Add(int address, ISimulatedI2c device) { lock (_lock) _devices[address] = device; }

    public void Remove(int address) { lock (_lock) _devices.Remove(address); }

    private void Run()
    {
        byte[] buffer = new byte[EventBytes];
        while (true)
        {
            nint read;
            fixed (byte* first = buffer) read = Libc.Read(_handle, first, buffer.Length);
            if (read <= 0) return;
            switch (buffer[0])
            {
                case Output: OnOutput(buffer.AsSpan(4, BinaryPrimitives.ReadUInt16LittleEndian(buffer.AsSpan(4100)))); break;
                case GetReport: OnGet(buffer.AsSpan(4, 4), buffer[8]); break;
                case SetReport: OnSet(buffer.AsSpan(4, 4)); break;
            }
        }
    }

    private void OnGet(ReadOnlySpan<byte> id, byte report)
    {
        byte[] data = report switch { 2 => [2, 0, 0xFF, 0, 0], 3 => [3, 0], 5 => [5, 0x0C, 3], 6 => [6, 0, 1, 0x86, 0xA0, 2, 0, 0, 0, 0, 0, 0, 0, 0], 9 => new byte[10], _ => [] };
        byte[] reply = new byte[EventBytes];
        reply[0] = GetReportReply;
        id.CopyTo(reply.AsSpan(4));
        BinaryPrimitives.WriteUInt16LittleEndian(reply.AsSpan(8), (ushort)(data.Length == 0 ? 5 : 0));
        BinaryPrimitives.WriteUInt16LittleEndian(reply.AsSpan(10), (ushort)data.Length);
        data.CopyTo(reply, 12);
        Send(reply);
    }

    private void OnSet(ReadOnlySpan<byte> id)
    {
        byte[] reply = new byte[EventBytes];
        reply[0] = SetReportReply;
        id.CopyTo(reply.AsSpan(4));
        Send(reply);
    }

    private void OnOutput(ReadOnlySpan<byte> data)
    {
        switch (data[0])
        {
            case 0x10: Transfer(data[1] >> 1, [], (data[2] << 8) | data[3]); break;
            case 0x11: Transfer(data[1] >> 1, data.Slice(5, data[4]), (data[2] << 8) | data[3]); break;
            case 0x14: Transfer(data[1] >> 1, data.Slice(3, data[2]), 0); break;
            case 0x15: Input([0x16, (byte)(_hasFailed ? 3 : 2), (byte)(_hasFailed ? 0 : 5), 0, 0, (byte)(_read.Length >> 8), (byte)_read.Length]); break;
            case 0x12:
                int count = Math.Min(61, _read.Length - _readAt);
                byte[] report = new byte[64];
                (report[0], report[1], report[2]) = (0x13, 2, (byte)count);
                _read.AsSpan(_readAt, count).CopyTo(report.AsSpan(3));
                _readAt += count;
                Input(report);
                break;
        }
    }

    private void Transfer(int address, ReadOnlySpan<byte> written, int readBytes)
    {
        Transfers++;
        (_read, _readAt) = (new byte[readBytes], 0);
        lock (_lock)
        {
            _hasFailed = !_devices.TryGetValue(address, out ISimulatedI2c? device);
            if (device is null) return;
            if (written.Length > 0) device.Write(written);
            if (readBytes > 0) device.Read(_read);
        }
    }

    private void Input(ReadOnlySpan<byte> data)
    {
        byte[] report = new byte[EventBytes];
        report[0] = Input2;
        BinaryPrimitives.WriteUInt16LittleEndian(report.AsSpan(4), (ushort)data.Length);
        data.CopyTo(report.AsSpan(6));
        Send(report);
    }

    private void Send(byte[] message)
    {
        fixed (byte* first = message) if (Libc.Write(_handle, first, message.Length) < 0) throw new IOException($"/dev/uhid: {Libc.Text(Libc.LastError)}");
    }
}
