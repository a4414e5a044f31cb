using System.Globalization;
using System.Text;

namespace Edge.Crash.Tests.Publishing;

/// <summary>A message that says who sent it and where it stands in the sender's order.</summary>
internal static class CrashMessage
{
    /// <summary>100 bytes: a typical reading.</summary>
    private const int Bytes = 100;

    public static byte[] Encode(int client, long sequence)
    {
        byte[] payload = new byte[Bytes];
        payload.AsSpan().Fill((byte)'.');
        Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{client}:{sequence}:"), payload);
        return payload;
    }

    /// <exception cref="FormatException">Not such a message.</exception>
    public static (int Client, long Sequence) Decode(ReadOnlySpan<byte> payload)
    {
        if (payload.Length != Bytes) throw new FormatException($"A message of {payload.Length} bytes; {Bytes} were sent.");
        string[] parts = Encoding.ASCII.GetString(payload).Split(':');
        return (int.Parse(parts[0], CultureInfo.InvariantCulture), long.Parse(parts[1], CultureInfo.InvariantCulture));
    }
}
