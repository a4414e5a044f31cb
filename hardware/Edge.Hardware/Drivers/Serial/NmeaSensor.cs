using System.Globalization;
using System.Text;
using Edge.Hardware.Buses;

namespace Edge.Hardware.Drivers.Serial;

/// <summary>Driver <c>nmea</c>: position, speed and satellites of a GPS receiver.</summary>
/// <remarks>Source: NMEA 0183: sentences of at most 82 characters, <c>$</c>, checksum = XOR of what is between <c>$</c> and <c>*</c>; fields of GGA and RMC of any talker (GP, GN, GL, …).</remarks>
internal sealed class NmeaSensor(DriverSetup setup) : SerialSensor(setup, "/dev/serial0", 9600)
{
    /// <summary>Receivers send a round of sentences every second.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(2500);

    private readonly StringBuilder _line = new();

    public override void Read(ReadingBuffer readings)
    {
        Port.DiscardInput();
        _line.Clear();
        byte[] buffer = new byte[256];
        long until = Setup.Hardware.MonotonicNs + (long)Patience.TotalNanoseconds;
        (string[]? gga, string[]? rmc, int wrong, int sentences) = (null, null, 0, 0);
        while ((gga is null || rmc is null) && Setup.Hardware.MonotonicNs < until)
        {
            int read = Port.Read(buffer, TimeSpan.FromMilliseconds(250));
            foreach (byte b in buffer.AsSpan(0, read))
            {
                if (b == '$') _line.Clear();
                if (b is (byte)'\r' or (byte)'\n' && _line.Length > 0)
                {
                    if (Fields(_line.ToString()) is { } fields)
                    {
                        sentences++;
                        if (fields[0].EndsWith("GGA", StringComparison.Ordinal) && fields.Length >= 10) gga = fields;
                        if (fields[0].EndsWith("RMC", StringComparison.Ordinal) && fields.Length >= 9) rmc = fields;
                    }
                    else if (_line[0] == '$') wrong++;
                    _line.Clear();
                }
                else if (_line.Length < 120) _line.Append((char)b);
            }
        }
        if (gga is null && rmc is null)
        {
            throw wrong > 0 ? new BusException(BusFault.Checksum, $"{Line.Device}: {wrong} sentences came and no checksum matches: wrong baud rate, or a disturbed line")
                : sentences > 0 ? new BusException(BusFault.WrongDevice, $"{Line.Device}: {sentences} sentences came, none of them GGA or RMC")
                : new BusException(BusFault.NoDevice, $"{Line.Device}: no NMEA sentence within {Patience.TotalSeconds:0.#} s; check power, that its TX goes to our RX, and the baud rate");
        }
        Report(readings, gga, rmc);
    }

    /// <summary>The fields, first the address, of a sentence whose checksum matches; null otherwise.</summary>
    internal static string[]? Fields(string sentence)
    {
        int star = sentence.LastIndexOf('*');
        if (sentence.Length < 8 || sentence[0] != '$' || star < 0 || star + 3 > sentence.Length) return null;
        int checksum = 0;
        foreach (char c in sentence.AsSpan(1, star - 1)) checksum ^= c;
        return int.TryParse(sentence.AsSpan(star + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out int sent) && sent == checksum ? sentence[1..star].Split(',') : null;
    }

    /// <summary>Degrees, south and west negative, of <c>4807.038</c> and <c>N</c>; NaN when it is none.</summary>
    internal static double Degrees(string text, string hemisphere)
    {
        int point = text.IndexOf('.', StringComparison.Ordinal);
        int minutesAt = (point < 0 ? text.Length : point) - 2;
        if (minutesAt < 1 || !double.TryParse(text.AsSpan(0, minutesAt), NumberStyles.None, CultureInfo.InvariantCulture, out double degrees)
            || !double.TryParse(text.AsSpan(minutesAt), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double minutes) || minutes >= 60) return double.NaN;
        return (degrees + (minutes / 60)) * (hemisphere is "S" or "W" ? -1 : hemisphere is "N" or "E" ? 1 : double.NaN);
    }

    internal static void Report(ReadingBuffer readings, string[]? gga, string[]? rmc)
    {
        bool hasFix = gga is not null ? gga[6] is not ("0" or "") : rmc![2] == "A";
        readings.Add("fix", hasFix ? 1 : 0, "/", 0, 1);
        if (gga is not null) readings.Add("satellites", Number(gga[7]), "count", 0, 100);
        if (!hasFix) return;
        (string latitude, string north, string longitude, string east) = gga is not null ? (gga[2], gga[3], gga[4], gga[5]) : (rmc![3], rmc[4], rmc[5], rmc[6]);
        readings.Add("latitude", Degrees(latitude, north), "lat", -90, 90);
        readings.Add("longitude", Degrees(longitude, east), "lon", -180, 180);
        if (gga is not null)
        {
            readings.Add("altitude", Number(gga[9]), "m", -500, 20_000);
            readings.Add("hdop", Number(gga[8]), "/", 0, 100);
        }
        if (rmc is null || rmc[7].Length == 0) return;
        readings.Add("speed", Number(rmc[7]) * 1852 / 3600, "m/s", 0, 1000);
        if (rmc[8].Length > 0) readings.Add("course", Number(rmc[8]) * Math.PI / 180, "rad", 0, 2 * Math.PI);
    }

    private static double Number(string text) => double.TryParse(text, NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out double number) ? number : double.NaN;
}
