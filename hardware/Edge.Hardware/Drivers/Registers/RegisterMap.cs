using Edge.Hardware.Sampling;

namespace Edge.Hardware.Drivers.Registers;

/// <summary>One value of a device that is described in configuration.</summary>
/// <param name="Shift">Bits dropped on the right after the mask.</param>
/// <param name="Bits">Width of the number in the registers.</param>
internal sealed record RegisterValue(string Metric, int Register, int Bits, bool IsSigned, bool IsFloat, bool IsLittleEndian, bool IsWordSwapped, ulong Mask, int Shift, double Scale, double Offset, string Unit, double Min, double Max)
{
    public int Bytes => Bits / 8;

    /// <summary>The value in its unit: number x scale + offset.</summary>
    public double Decode(ReadOnlySpan<byte> raw)
    {
        Span<byte> bytes = stackalloc byte[8];
        raw[..Bytes].CopyTo(bytes);
        bytes = bytes[..Bytes];
        if (IsLittleEndian) bytes.Reverse();
        if (IsWordSwapped) // words in the other order, as many Modbus devices send 32 bits
        {
            Span<byte> swapped = stackalloc byte[8];
            for (int i = 0; i < Bytes; i += 2) bytes.Slice(Bytes - 2 - i, 2).CopyTo(swapped[i..]);
            swapped[..Bytes].CopyTo(bytes);
        }
        ulong number = 0;
        foreach (byte b in bytes) number = (number << 8) | b;
        if (IsFloat) return ((Bits == 32 ? BitConverter.UInt32BitsToSingle((uint)number) : BitConverter.UInt64BitsToDouble(number)) * Scale) + Offset;
        number = (number & Mask) >> Shift;
        if (!IsSigned) return (number * Scale) + Offset;
        int width = 64 - System.Numerics.BitOperations.LeadingZeroCount(Mask) - Shift; // the mask's top bit is the sign
        long signed = (long)(number << (64 - width)) >> (64 - width);
        return (signed * Scale) + Offset;
    }
}

/// <summary>Reads register maps: <c>temperature reg=0x00 type=s16 mask=0xfff0 shift=4 scale=0.0625 unit=Cel; humidity reg=…</c></summary>
internal static class RegisterMap
{
    public const int MaxValues = 64;

    public const string Allowed = "entries with ';' between them, each a name and reg=N type=u8|s8|u16|s16|u32|s32|u64|s64|f32|f64 [order=be|le|be-swap] [mask=0x…] [shift=N] [scale=X] [offset=X] [unit=U] [min=X] [max=X]";

    public static IReadOnlyList<RegisterValue> Parse(DriverSettings settings, int minBits, int maxRegister)
    {
        string text = settings.Text("registers", "");
        var values = new List<RegisterValue>();
        foreach (string entry in text.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (TryParse(entry, minBits, maxRegister, out RegisterValue? value, out string problem)) values.Add(value!);
            else settings.Problem("registers", $"has '{entry}': {problem}; use {Allowed}");
        }
        if (values.Count is 0 or > MaxValues) settings.Problem("registers", $"has {values.Count} values; use 1 to {MaxValues}: {Allowed}");
        if (values.Select(static v => v.Metric).Distinct(StringComparer.Ordinal).Count() != values.Count) settings.Problem("registers", "names a value twice");
        return values;
    }

    private static bool TryParse(string entry, int minBits, int maxRegister, out RegisterValue? value, out string problem)
    {
        value = null;
        string noted = "";
        problem = "";
        string[] words = entry.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var fields = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (string word in words.Skip(1))
        {
            int equals = word.IndexOf('=', StringComparison.Ordinal);
            if (equals < 1 || !fields.TryAdd(word[..equals], word[(equals + 1)..])) { problem = $"'{word}' is no field, or is there twice"; return false; }
        }
        if (words[0].Contains('=', StringComparison.Ordinal)) noted = "it has no name";
        long register = Integer("reg", -1, 0, maxRegister), shift = Integer("shift", 0, 0, 63), mask = Integer("mask", -1, long.MinValue, long.MaxValue);
        if (noted.Length == 0 && register < 0) noted = "reg is missing";
        string type = Take("type", "u16"), order = Take("order", "be");
        if (noted.Length == 0 && (type.Length < 2 || type[0] is not ('u' or 's' or 'f') || type[1..] is not ("8" or "16" or "32" or "64"))) noted = $"type is '{type}'";
        int bits = noted.Length == 0 ? int.Parse(type.AsSpan(1), System.Globalization.CultureInfo.InvariantCulture) : 8;
        if (noted.Length == 0 && (bits < minBits || (type[0] == 'f' && bits < 32))) noted = $"type '{type}' does not go here";
        if (noted.Length == 0 && order is not ("be" or "le" or "be-swap")) noted = $"order is '{order}'";
        double scale = Real("scale", 1), offset = Real("offset", 0), min = Real("min", double.NegativeInfinity), max = Real("max", double.PositiveInfinity);
        string unit = Take("unit", "/");
        if (noted.Length == 0 && fields.Count > 0) noted = $"'{fields.Keys.First()}' is not known";
        problem = noted;
        if (problem.Length > 0) return false;
        ulong all = bits == 64 ? ulong.MaxValue : (1ul << bits) - 1, masked = (ulong)mask & all;
        if (masked == 0) { problem = "the mask leaves nothing"; return false; }
        value = new(words[0], (int)register, bits, type[0] == 's', type[0] == 'f', order == "le", order == "be-swap", masked, (int)shift, scale, offset, unit, min, max);
        return true;

        string Take(string name, string fallback) => fields.Remove(name, out string? text) ? text : fallback;

        long Integer(string name, long fallback, long least, long most)
        {
            if (!fields.Remove(name, out string? text)) return fallback;
            if (DriverSettings.TryInteger(text, out long number) && number >= least && number <= most) return number;
            Note($"{name} is '{text}'");
            return fallback;
        }

        double Real(string name, double fallback)
        {
            if (!fields.Remove(name, out string? text)) return fallback;
            if (Numbers.TryParse(text, out double number)) return number;
            Note($"{name} is '{text}'");
            return fallback;
        }

        void Note(string what) { if (noted.Length == 0) noted = what; }
    }
}
