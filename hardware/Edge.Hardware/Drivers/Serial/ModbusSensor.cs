using System.Buffers.Binary;
using Edge.Hardware.Buses;
using Edge.Hardware.Drivers.Registers;

namespace Edge.Hardware.Drivers.Serial;

/// <summary>Driver <c>modbus</c>: a station on a Modbus RTU line (RS-485), its registers described in configuration.</summary>
/// <remarks>
/// Source: MODBUS Application Protocol V1.1b3: 6.3 (read holding registers), 6.4 (read input registers), 7 (exception codes). MODBUS over Serial Line V1.02: 2.5.1
/// (frames; a silence of 3.5 characters ends one), 6.2.2 (CRC). Stations of one line share its thread, so requests never overlap.
/// </remarks>
internal sealed class ModbusSensor : SerialSensor
{
    private static readonly string[] Exceptions = ["", "illegal function", "illegal data address", "illegal data value", "server device failure", "acknowledge", "server device busy", "", "memory parity error", "", "gateway path unavailable", "gateway target failed to respond"];

    private readonly int _station, _function, _timeoutMs;
    private readonly IReadOnlyList<(int First, int Count, IReadOnlyList<RegisterValue> Values)> _requests;

    public ModbusSensor(DriverSetup setup) : base(setup, "/dev/ttyUSB0", 9600, "modbus")
    {
        _station = setup.Settings.Number("station", 1, 1, 247);
        _function = setup.Settings.Choice("table", 3, ("holding", 3), ("input", 4));
        _timeoutMs = setup.Settings.Number("timeout", 500, 20, 4000);
        Line = Line with
        {
            Parity = setup.Settings.Choice("parity", SerialParity.None, ("none", SerialParity.None), ("even", SerialParity.Even), ("odd", SerialParity.Odd)),
            StopBits = setup.Settings.Number("stopbits", 1, 1, 2),
            IsRs485 = setup.Settings.Flag("rs485", false),
        };
        _requests = Group(RegisterMap.Parse(setup.Settings, 16, 0xFFFF));
    }

    /// <summary>Neighbouring registers are read in one request of at most 125 (6.3): gaps of up to 8 are read along.</summary>
    internal static IReadOnlyList<(int First, int Count, IReadOnlyList<RegisterValue> Values)> Group(IReadOnlyList<RegisterValue> values)
    {
        var requests = new List<(int First, int Count, IReadOnlyList<RegisterValue> Values)>();
        var current = new List<RegisterValue>();
        (int first, int end) = (0, 0);
        foreach (RegisterValue value in values.OrderBy(static v => v.Register))
        {
            int valueEnd = value.Register + (value.Bytes / 2);
            if (current.Count > 0 && (value.Register > end + 8 || Math.Max(end, valueEnd) - first > 125))
            {
                requests.Add((first, end - first, [.. current]));
                current.Clear();
            }
            if (current.Count == 0) (first, end) = (value.Register, valueEnd);
            current.Add(value);
            end = Math.Max(end, valueEnd);
        }
        if (current.Count > 0) requests.Add((first, end - first, [.. current]));
        return requests;
    }

    public override void Read(ReadingBuffer readings)
    {
        Span<byte> raw = stackalloc byte[8];
        foreach ((int first, int count, IReadOnlyList<RegisterValue> values) in _requests)
        {
            byte[] data = Ask(first, count);
            foreach (RegisterValue value in values)
            {
                data.AsSpan((value.Register - first) * 2, value.Bytes).CopyTo(raw);
                readings.Add(value.Metric, value.Decode(raw), value.Unit, value.Min, value.Max);
            }
        }
    }

    private byte[] Ask(int first, int count)
    {
        Span<byte> request = stackalloc byte[8];
        (request[0], request[1]) = ((byte)_station, (byte)_function);
        BinaryPrimitives.WriteUInt16BigEndian(request[2..], (ushort)first);
        BinaryPrimitives.WriteUInt16BigEndian(request[4..], (ushort)count);
        BinaryPrimitives.WriteUInt16LittleEndian(request[6..], Checksums.Modbus(request[..6]));
        Port.DiscardInput(); // a late answer to an earlier request
        Port.Write(request);
        int expected = 5 + (2 * count), got = 0;
        byte[] answer = new byte[expected];
        long until = Setup.Hardware.MonotonicNs + (_timeoutMs * 1_000_000L);
        while (got < expected && Setup.Hardware.MonotonicNs < until)
        {
            got += Port.Read(answer.AsSpan(got), TimeSpan.FromMilliseconds(Math.Min(_timeoutMs, 50)));
            if (got >= 5 && (answer[1] & 0x80) != 0) expected = 5; // an exception is shorter
        }
        return Check(answer.AsSpan(0, got), expected, first, count);
    }

    private byte[] Check(ReadOnlySpan<byte> answer, int expected, int first, int count)
    {
        string where = $"{Line.Device} station {_station}";
        if (answer.Length == 0) throw new BusException(BusFault.NoDevice, $"{where}: no answer within {_timeoutMs} ms; check address, baud rate, parity, and that A and B are not swapped");
        if (answer.Length < expected) throw new BusException(BusFault.Transfer, $"{where}: the answer breaks off after {answer.Length} of {expected} bytes");
        if (Checksums.Modbus(answer[..(expected - 2)]) != BinaryPrimitives.ReadUInt16LittleEndian(answer[(expected - 2)..])) throw new BusException(BusFault.Checksum, $"{where}: the checksum of the answer does not match: a disturbed line, or two stations with one address");
        if (answer[0] != _station) throw new BusException(BusFault.WrongDevice, $"{where}: station {answer[0]} answered");
        if ((answer[1] & 0x80) != 0)
        {
            int code = answer[2];
            string meaning = code < Exceptions.Length && Exceptions[code].Length > 0 ? Exceptions[code] : "unknown";
            throw new SensorException(Setup.Name, $"{where} answers exception {code} ({meaning}) to registers {first} to {first + count - 1}");
        }
        if (answer[1] != _function || answer[2] != 2 * count) throw new BusException(BusFault.Transfer, $"{where}: the answer is to something else (function {answer[1]}, {answer[2]} bytes)");
        return answer.Slice(3, 2 * count).ToArray();
    }
}
