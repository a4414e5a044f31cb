namespace Edge.Hardware.Buses;

/// <summary>An open serial line, 8 data bits.</summary>
internal interface ISerialPort : IDisposable
{
    /// <summary>What has arrived, waiting for the first byte at most <paramref name="timeout"/>; 0 when nothing came.</summary>
    int Read(Span<byte> buffer, TimeSpan timeout);

    void Write(ReadOnlySpan<byte> bytes);

    /// <summary>Throws away what arrived and was not read.</summary>
    void DiscardInput();
}

/// <summary>How a serial line is opened.</summary>
internal sealed record SerialSettings(string Device, int BaudRate, SerialParity Parity = SerialParity.None, int StopBits = 1, bool IsRs485 = false);

internal enum SerialParity : byte
{
    None,
    Even,
    Odd,
}
