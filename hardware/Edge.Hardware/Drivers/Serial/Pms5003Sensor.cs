using System.Buffers.Binary;
using Edge.Hardware.Buses;

namespace Edge.Hardware.Drivers.Serial;

/// <summary>Driver <c>pms5003</c> (and PMS7003): particulate matter, in the mode in which the device sends by itself.</summary>
/// <remarks>Source: Plantower PMS5003 data manual V2.3, appendix I: frame of 32 bytes at 9600 baud, start 0x42 0x4D, length 28, thirteen words, checksum = sum of the bytes before it.</remarks>
internal sealed class Pms5003Sensor(DriverSetup setup) : SerialSensor(setup, "/dev/serial0", 9600)
{
    public const int FrameBytes = 32;

    /// <summary>It sends a frame every 200 to 800 ms, when little changes every 2.3 s.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(3000);

    private static readonly string[] Sizes = ["0.3", "0.5", "1.0", "2.5", "5.0", "10"];

    public override void Read(ReadingBuffer readings)
    {
        Port.DiscardInput(); // what lies there may be minutes old
        var frame = new List<byte>(2 * FrameBytes);
        byte[] buffer = new byte[FrameBytes];
        long until = Setup.Hardware.MonotonicNs + (long)Patience.TotalNanoseconds;
        int wrong = 0;
        while (Setup.Hardware.MonotonicNs < until)
        {
            int read = Port.Read(buffer, TimeSpan.FromMilliseconds(250));
            frame.AddRange(buffer.AsSpan(0, read));
            while (frame.Count >= 2 && (frame[0] != 0x42 || frame[1] != 0x4D)) frame.RemoveAt(0);
            if (frame.Count < FrameBytes) continue;
            if (TryDecode([.. frame.Take(FrameBytes)], readings)) return;
            wrong++;
            frame.RemoveRange(0, 2); // a start that was none: look for the next one
        }
        throw wrong > 0
            ? new BusException(BusFault.Checksum, $"{Line.Device}: {wrong} frames came and no checksum matches: wrong baud rate, or a disturbed line")
            : new BusException(BusFault.NoDevice, $"{Line.Device}: no frame within {Patience.TotalSeconds:0} s; check power (5 V), that its TX goes to our RX, and that SET is high");
    }

    internal static bool TryDecode(ReadOnlySpan<byte> frame, ReadingBuffer readings)
    {
        int sum = 0;
        foreach (byte b in frame[..30]) sum += b;
        if (BinaryPrimitives.ReadUInt16BigEndian(frame[2..]) != 28 || BinaryPrimitives.ReadUInt16BigEndian(frame[30..]) != (ushort)sum) return false;
        // Words 4 to 6: "under atmospheric environment"; 7 to 12: particles beyond a size in 0.1 l.
        readings.Add("pm1.0", Word(frame, 4), "ug/m3", 0, 10_000);
        readings.Add("pm2.5", Word(frame, 5), "ug/m3", 0, 10_000);
        readings.Add("pm10", Word(frame, 6), "ug/m3", 0, 10_000);
        for (int i = 0; i < Sizes.Length; i++) readings.Add($"particles/{Sizes[i]}", Word(frame, 7 + i) * 10, "1/l", 0);
        return true;
    }

    private static int Word(ReadOnlySpan<byte> frame, int number) => BinaryPrimitives.ReadUInt16BigEndian(frame[(2 + (2 * number))..]);
}
