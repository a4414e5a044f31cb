using Edge.Hardware.Buses;

namespace Edge.Hardware.Simulation;

/// <summary>What is at the other end of a simulated serial line.</summary>
internal interface ISimulatedSerial
{
    /// <summary>Bytes that came from us.</summary>
    void Receive(ReadOnlySpan<byte> bytes);

    /// <summary>Bytes that go to us now; empty when it is silent.</summary>
    byte[] Send();
}

internal sealed class SimulatedSerialPort(ISimulatedSerial other) : ISerialPort
{
    private readonly Queue<byte> _arrived = new();

    public int Read(Span<byte> buffer, TimeSpan timeout)
    {
        if (_arrived.Count == 0) foreach (byte b in other.Send()) _arrived.Enqueue(b);
        int count = 0;
        while (count < buffer.Length && _arrived.TryDequeue(out byte b)) buffer[count++] = b;
        if (count == 0) Thread.Sleep(timeout < TimeSpan.FromMilliseconds(20) ? timeout : TimeSpan.FromMilliseconds(20)); // a silent line: the caller's patience runs on real time
        return count;
    }

    public void Write(ReadOnlySpan<byte> bytes) => other.Receive(bytes);

    public void DiscardInput() => _arrived.Clear();

    public void Dispose() => _arrived.Clear();
}
