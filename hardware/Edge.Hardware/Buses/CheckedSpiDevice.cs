using System.Device.Spi;

namespace Edge.Hardware.Buses;

/// <summary>An SPI device whose failed transfers name bus and chip select.</summary>
internal sealed class CheckedSpiDevice(SpiDevice inner) : SpiDevice
{
    public override SpiConnectionSettings ConnectionSettings => inner.ConnectionSettings;

    public override void Read(Span<byte> buffer)
    {
        try { inner.Read(buffer); }
        catch (IOException e) { throw Translate(e); }
    }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        try { inner.Write(buffer); }
        catch (IOException e) { throw Translate(e); }
    }

    public override void TransferFullDuplex(ReadOnlySpan<byte> writeBuffer, Span<byte> readBuffer)
    {
        try { inner.TransferFullDuplex(writeBuffer, readBuffer); }
        catch (IOException e) { throw Translate(e); }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) inner.Dispose();
        base.Dispose(disposing);
    }

    private BusException Translate(IOException e) => new(BusFault.Transfer, $"spi{ConnectionSettings.BusId}.{ConnectionSettings.ChipSelectLine}: the transfer failed: {e.Message}", e);
}
