using Edge.Hardware.Drivers;

namespace Edge.Hardware.Simulation.Models;

/// <summary>A device that answers commands with words, each with its checksum (Sensirion's way).</summary>
internal class CommandModel(Func<ushort, ushort[]?> answer, int commandBytes = 2) : ISimulatedI2c
{
    private byte[] _answer = [];

    public void Write(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < commandBytes) return;
        ushort command = commandBytes == 1 ? bytes[0] : (ushort)((bytes[0] << 8) | bytes[1]);
        _answer = [.. (answer(command) ?? []).SelectMany(static w => (byte[])[(byte)(w >> 8), (byte)w, Checksums.Sensirion([(byte)(w >> 8), (byte)w])])];
    }

    public void Read(Span<byte> bytes)
    {
        bytes.Fill(0xFF);
        _answer.AsSpan(0, Math.Min(bytes.Length, _answer.Length)).CopyTo(bytes);
    }

    public static ushort Word(double value, double from, double span) => (ushort)Math.Clamp(Math.Round((value - from) / span * 65535), 0, 65535);
}

/// <summary>The devices that are such.</summary>
internal static class CommandModels
{
    public static CommandModel Sht3x(Func<(double Celsius, double Percent)> world) => new(command => command switch
    {
        0x2400 => [CommandModel.Word(world().Celsius, -45, 175), CommandModel.Word(world().Percent, 0, 100)],
        0xF32D => [0x8010],
        _ => null,
    });

    public static CommandModel Sht4x(Func<(double Celsius, double Percent)> world) => new(
        command => command switch
        {
            0xFD => [CommandModel.Word(world().Celsius, -45, 175), CommandModel.Word(world().Percent, -6, 125)],
            0x89 => [0x0F1E, 0x2D3C],
            _ => null,
        },
        commandBytes: 1);

    public static CommandModel Scd30(Func<(double Ppm, double Celsius, double Percent)> world) => new(command => command switch
    {
        0x0202 => [1],
        0x0300 => [.. Float(world().Ppm), .. Float(world().Celsius), .. Float(world().Percent)],
        _ => null,
    });

    public static CommandModel Scd4x(Func<(double Ppm, double Celsius, double Percent)> world) => new(command => command switch
    {
        0xE4B8 => [0x8006],
        0xEC05 => [(ushort)world().Ppm, CommandModel.Word(world().Celsius, -45, 175), CommandModel.Word(world().Percent, 0, 100)],
        0x3682 => [0xF896, 0x9F07, 0xBB3B],
        _ => null,
    });

    private static ushort[] Float(double value)
    {
        int bits = BitConverter.SingleToInt32Bits((float)value);
        return [(ushort)(bits >> 16), (ushort)bits];
    }
}

/// <summary>An AHT20: 20-bit values and one checksum over all.</summary>
internal sealed class Aht20Model(Func<(double Celsius, double Percent)> world) : ISimulatedI2c
{
    private byte[] _answer = [0x1C];

    public void Write(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length == 1 && bytes[0] == 0x71) { _answer = [0x1C]; return; }
        if (bytes.Length != 3 || bytes[0] != 0xAC) return;
        (double celsius, double percent) = world();
        int humidity = (int)Math.Round(percent / 100 * 1048576), temperature = (int)Math.Round((celsius + 50) / 200 * 1048576);
        byte[] data = [0x1C, (byte)(humidity >> 12), (byte)(humidity >> 4), (byte)((humidity << 4) | (temperature >> 16)), (byte)(temperature >> 8), (byte)temperature];
        _answer = [.. data, Checksums.Sensirion(data)];
    }

    public void Read(Span<byte> bytes) => _answer.AsSpan(0, Math.Min(bytes.Length, _answer.Length)).CopyTo(bytes);
}

/// <summary>A BH1750.</summary>
internal sealed class Bh1750Model(Func<double> lux) : ISimulatedI2c
{
    private int _counts;

    public void Write(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length == 1 && bytes[0] == 0x20) _counts = (int)Math.Clamp(Math.Round(lux() * 1.2), 0, 65535);
    }

    public void Read(Span<byte> bytes)
    {
        for (int i = 0; i < bytes.Length; i++) bytes[i] = (byte)(i == 0 ? _counts >> 8 : _counts);
    }
}
