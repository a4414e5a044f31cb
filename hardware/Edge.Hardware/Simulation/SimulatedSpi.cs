using System.Device.Spi;

namespace Edge.Hardware.Simulation;

/// <summary>A device on a simulated SPI bus: bytes go in while as many come out.</summary>
internal interface ISimulatedSpi
{
    void Transfer(ReadOnlySpan<byte> sent, Span<byte> got);
}

internal sealed class SimulatedSpiDevice(SpiConnectionSettings settings, ISimulatedSpi device) : SpiDevice
{
    public override SpiConnectionSettings ConnectionSettings => settings;

    public override void Read(Span<byte> buffer) => device.Transfer(new byte[buffer.Length], buffer);

    public override void Write(ReadOnlySpan<byte> buffer) => device.Transfer(buffer, new byte[buffer.Length]);

    public override void TransferFullDuplex(ReadOnlySpan<byte> writeBuffer, Span<byte> readBuffer) => device.Transfer(writeBuffer, readBuffer);
}
