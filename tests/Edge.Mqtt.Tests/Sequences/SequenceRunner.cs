using Edge.Mqtt.Tests.Support;

namespace Edge.Mqtt.Tests.Sequences;

internal enum SequenceGrade { Strict, Order, Closed, Fail }

/// <summary>Plays one sequence against a broker and grades what came back.</summary>
internal sealed class SequenceRunner(int port)
{
    private const double PatienceSeconds = 3;
    private int _number;

    public async Task<(SequenceGrade Grade, string Reason)> RunAsync(PacketSequence sequence)
    {
        string clientId = $"seq-{Interlocked.Increment(ref _number)}";
        using RawClient client = await RawClient.OpenAsync(port);
        RawClient? helper = null;
        List<byte[]> early = [];
        bool reordered = false;
        try
        {
            if (sequence.Connect)
            {
                await client.SendAsync(sequence.Version == 3
                    ? RawClient.Packet(0x10, [.. RawClient.Text("MQIsdp"), 3, 2, 0, 60, .. RawClient.Text(clientId)])
                    : RawClient.Connect(clientId, sequence.Version));
                byte[] answer = await client.ReceiveAsync(PatienceSeconds);
                if (answer.Length < 4 || answer[3] != 0) return (SequenceGrade.Fail, $"no CONNACK: {Convert.ToHexString(answer)}");
            }
            foreach (SequenceStep step in sequence.Steps)
            {
                switch (step.Type)
                {
                    case "send":
                        try { await client.SendAsync(step.Payload); }
                        catch (IOException) { return (SequenceGrade.Fail, "closed before everything was sent"); }
                        break;
                    case "external_publish":
                        helper ??= await RawClient.ConnectAsync(port, clientId + "-helper");
                        await PublishAsync(helper, step);
                        break;
                    case "recv":
                        byte[]? kept = early.Find(packet => Same(packet, step.Payload));
                        if (kept is not null && early.Remove(kept)) break;
                        byte[] received;
                        try { received = await client.ReceiveAsync(PatienceSeconds); }
                        catch (OperationCanceledException) { return (SequenceGrade.Fail, $"nothing came for {Convert.ToHexString(step.Payload)}"); }
                        if (Same(received, step.Payload)) break;
                        // Whether the client's own message or the acknowledgement of its publish comes first is open: both follow the same commit.
                        if (received.Length > 0 && IsOpenOrder(received[0], step.Payload[0]))
                        {
                            early.Add(received);
                            reordered = true;
                            goto case "recv";
                        }
                        // A close without the word the data expects is allowed; anything else is not.
                        bool optional = step.Payload[0] == 0xe0 || (step.Payload[0] == 0x20 && step.Payload[3] != 0);
                        if (received.Length == 0 && optional && sequence.ExpectDisconnect) return (SequenceGrade.Closed, $"closed without {Convert.ToHexString(step.Payload)}");
                        return (SequenceGrade.Fail, $"expected {Convert.ToHexString(step.Payload)}, came {Convert.ToHexString(received)}");
                    default:
                        return (SequenceGrade.Fail, $"a step of type {step.Type} is not known");
                }
            }
            if (early.Count > 0) return (SequenceGrade.Fail, $"came unasked: {Convert.ToHexString(early[0])}");
            (SequenceGrade grade, string reason) = await EndAsync(client, sequence);
            return grade == SequenceGrade.Strict && reordered ? (SequenceGrade.Order, "own message before its acknowledgement, or after") : (grade, reason);
        }
        finally { helper?.Dispose(); }
    }

    private static bool IsOpenOrder(byte received, byte expected) =>
        (received >> 4 == 3 && expected >> 4 is 4 or 5 or 7) || (received >> 4 is 4 or 5 or 7 && expected >> 4 == 3);

    private static async Task<(SequenceGrade, string)> EndAsync(RawClient client, PacketSequence sequence)
    {
        try
        {
            if (sequence.ExpectDisconnect)
            {
                byte[] last = await client.ReceiveAsync(PatienceSeconds);
                return last.Length == 0 ? (SequenceGrade.Strict, "") : (SequenceGrade.Fail, $"expected the end, came {Convert.ToHexString(last)}");
            }
            await client.SendAsync(0xc0, 0);
            byte[] pong = await client.ReceiveAsync(PatienceSeconds);
            return pong is [0xd0, 0] ? (SequenceGrade.Strict, "") : (SequenceGrade.Fail, $"expected PINGRESP, came {Convert.ToHexString(pong)}");
        }
        catch (OperationCanceledException) { return (SequenceGrade.Fail, sequence.ExpectDisconnect ? "not closed" : "no PINGRESP"); }
        catch (IOException) { return (SequenceGrade.Fail, "closed"); }
    }

    private static async Task PublishAsync(RawClient helper, SequenceStep step)
    {
        await helper.SendAsync(RawClient.Publish(step.Topic, step.Text, step.Qos, 1, step.Retain));
        if (step.Qos == 0) return;
        await helper.ReceiveAsync(PatienceSeconds);
        if (step.Qos == 1) return;
        await helper.SendAsync(RawClient.Ack(0x62, 1));
        await helper.ReceiveAsync(PatienceSeconds);
    }

    /// <summary>Byte-exact; of a CONNACK that says yes, flags and reason only: its properties are the broker's choice.</summary>
    private static bool Same(byte[] received, byte[] expected)
    {
        if (received.AsSpan().SequenceEqual(expected)) return true;
        return received.Length >= 4 && expected.Length >= 4 && received[0] == 0x20 && expected[0] == 0x20 && received.AsSpan(2, 2).SequenceEqual(expected.AsSpan(2, 2));
    }
}
