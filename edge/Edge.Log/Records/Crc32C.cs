using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Edge.Log.Records;

/// <summary>CRC-32C (Castagnoli), the checksum of Kafka record batches, on the processor's own instruction.</summary>
public static class Crc32C
{
    public static uint Compute(ReadOnlySpan<byte> source) => ~Update(uint.MaxValue, source);

    /// <summary>Continues a checksum over two spans that are not adjacent.</summary>
    public static uint Compute(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second) => ~Update(Update(uint.MaxValue, first), second);

    /// <summary>Continues a finished checksum; 0 begins one.</summary>
    public static uint Append(uint checksum, ReadOnlySpan<byte> source) => ~Update(~checksum, source);

    private static uint Update(uint crc, ReadOnlySpan<byte> source)
    {
        ref byte at = ref MemoryMarshal.GetReference(source);
        nint left = source.Length;
        while (left >= 8)
        {
            crc = BitOperations.Crc32C(crc, Unsafe.ReadUnaligned<ulong>(ref at));
            at = ref Unsafe.Add(ref at, 8);
            left -= 8;
        }
        while (left-- > 0)
        {
            crc = BitOperations.Crc32C(crc, at);
            at = ref Unsafe.Add(ref at, 1);
        }
        return crc;
    }
}
