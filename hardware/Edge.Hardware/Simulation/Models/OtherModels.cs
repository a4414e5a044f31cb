using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Edge.Hardware.Drivers;

namespace Edge.Hardware.Simulation.Models;

/// <summary>An MCP3008 or MCP3208, bit for bit: start bit, channel, null bit, code.</summary>
internal sealed class Mcp3xxxModel(bool is12Bit, double reference, Func<int, double> volts) : ISimulatedSpi
{
    public void Transfer(ReadOnlySpan<byte> sent, Span<byte> got)
    {
        got.Fill(0xFF);
        if (sent.Length != 3 || sent[0] == 0) return;
        int command = (sent[0] << 16) | (sent[1] << 8) | sent[2], start = 31 - System.Numerics.BitOperations.LeadingZeroCount((uint)command);
        int channel = (command >> (start - 4)) & 7, bits = is12Bit ? 12 : 10, full = 1 << bits;
        int code = Math.Clamp((int)(volts(channel) / reference * full), 0, full - 1);
        // After the channel: one clock of sampling, the null bit, then the code.
        int at = start - 6;
        uint answer = 0xFFFFFF & ~((2u << at) - 1) | (uint)(code << (at - bits));
        (got[0], got[1], got[2]) = ((byte)(answer >> 16), (byte)(answer >> 8), (byte)answer);
    }
}

/// <summary>A register device on SPI: the first byte is the register with its read bit.</summary>
internal sealed class SpiRegisterModel(Func<double> wave) : ISimulatedSpi
{
    public void Transfer(ReadOnlySpan<byte> sent, Span<byte> got)
    {
        ushort value = (ushort)(1000 + (wave() * 100));
        for (int i = 0; i < got.Length; i++) got[i] = i % 2 == 1 ? (byte)(value >> 8) : (byte)value;
    }
}

/// <summary>A PMS5003 that sends a frame whenever somebody listens.</summary>
internal sealed class Pms5003Model(Func<double> pm25) : ISimulatedSerial
{
    public void Receive(ReadOnlySpan<byte> bytes) { }

    public byte[] Send()
    {
        byte[] frame = new byte[32];
        (frame[0], frame[1], frame[3]) = (0x42, 0x4D, 28);
        double pm = pm25();
        int[] words = [(int)(pm * 0.7), (int)pm, (int)(pm * 1.3), (int)(pm * 0.7), (int)pm, (int)(pm * 1.3), (int)(pm * 180), (int)(pm * 50), (int)(pm * 9), (int)pm, (int)(pm * 0.2), (int)(pm * 0.1), 0x9700];
        for (int i = 0; i < words.Length; i++) BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(4 + (i * 2)), (ushort)words[i]);
        int sum = 0;
        foreach (byte b in frame.AsSpan(0, 30)) sum += b;
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(30), (ushort)sum);
        return frame;
    }
}

/// <summary>A GPS receiver that drives around a place.</summary>
internal sealed class NmeaModel(TimeProvider timeProvider, Func<(double Latitude, double Longitude, double Knots)> world) : ISimulatedSerial
{
    public void Receive(ReadOnlySpan<byte> bytes) { }

    public byte[] Send()
    {
        (double latitude, double longitude, double knots) = world();
        string time = timeProvider.GetUtcNow().ToString("HHmmss", CultureInfo.InvariantCulture), date = timeProvider.GetUtcNow().ToString("ddMMyy", CultureInfo.InvariantCulture);
        string position = $"{Text(latitude, 2)},{(latitude < 0 ? 'S' : 'N')},{Text(longitude, 3)},{(longitude < 0 ? 'W' : 'E')}";
        return Encoding.ASCII.GetBytes(
            Sentence($"GPGGA,{time},{position},1,08,0.9,112.4,M,46.9,M,,") + Sentence(string.Create(CultureInfo.InvariantCulture, $"GPRMC,{time},A,{position},{knots:000.0},084.4,{date},,")));
    }

    private static string Text(double degrees, int digits)
    {
        degrees = Math.Abs(degrees);
        return string.Create(CultureInfo.InvariantCulture, $"{((int)degrees).ToString(new string('0', digits), CultureInfo.InvariantCulture)}{(degrees - (int)degrees) * 60:00.0000}");
    }

    private static string Sentence(string body) => $"${body}*{body.Aggregate(0, static (sum, c) => sum ^ c):X2}\r\n";
}

/// <summary>A Modbus RTU line with stations whose registers hold slowly moving numbers.</summary>
internal sealed class ModbusModel(Func<int, int, ushort> register) : ISimulatedSerial
{
    private byte[] _answer = [];

    /// <summary>Stations that answer.</summary>
    public HashSet<int> Stations { get; } = [];

    public void Receive(ReadOnlySpan<byte> bytes)
    {
        _answer = [];
        if (bytes.Length != 8 || Checksums.Modbus(bytes[..6]) != BinaryPrimitives.ReadUInt16LittleEndian(bytes[6..]) || !Stations.Contains(bytes[0])) return;
        int first = BinaryPrimitives.ReadUInt16BigEndian(bytes[2..]), count = BinaryPrimitives.ReadUInt16BigEndian(bytes[4..]);
        byte[] body = bytes[1] is not (3 or 4) ? [bytes[0], (byte)(bytes[1] | 0x80), 1]
            : count is 0 or > 125 || first + count > 0x10000 ? [bytes[0], (byte)(bytes[1] | 0x80), 2]
            : new byte[3 + (2 * count)];
        if (body.Length > 3)
        {
            (body[0], body[1], body[2]) = (bytes[0], bytes[1], (byte)(2 * count));
            for (int i = 0; i < count; i++) BinaryPrimitives.WriteUInt16BigEndian(body.AsSpan(3 + (2 * i)), register(bytes[0], first + i));
        }
        ushort crc = Checksums.Modbus(body);
        _answer = [.. body, (byte)crc, (byte)(crc >> 8)];
    }

    public byte[] Send()
    {
        byte[] answer = _answer;
        _answer = [];
        return answer;
    }
}
