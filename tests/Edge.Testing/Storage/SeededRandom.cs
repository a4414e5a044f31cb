namespace Edge.Testing.Storage;

/// <summary>Small, fast pseudo-random numbers that are the same on every machine and runtime for the same seed (SplitMix64).</summary>
/// <remarks><see cref="Random"/> is not used: its sequence is not part of its contract, and a printed seed must replay years later.</remarks>
public sealed class SeededRandom(ulong seed)
{
    private ulong _state = seed;

    /// <summary>A generator that depends on this seed and on <paramref name="salt"/> alone, not on how far another one was drawn.</summary>
    public static SeededRandom Derive(ulong seed, ulong salt) => new(Mix(seed + (0x9e3779b97f4a7c15UL * (salt + 1))));

    public ulong NextBits()
    {
        _state += 0x9e3779b97f4a7c15UL;
        return Mix(_state);
    }

    /// <summary>0 to <paramref name="exclusiveMax"/> - 1.</summary>
    public int Next(int exclusiveMax) => exclusiveMax <= 1 ? 0 : (int)(NextBits() % (ulong)exclusiveMax);

    /// <summary>Both ends included.</summary>
    public int Between(int min, int max) => min + Next(max - min + 1);

    /// <summary>True in <paramref name="percent"/> of 100 cases.</summary>
    public bool Chance(int percent) => Next(100) < percent;

    public void Fill(Span<byte> destination)
    {
        while (destination.Length >= 8)
        {
            BitConverter.TryWriteBytes(destination, NextBits());
            destination = destination[8..];
        }
        ulong last = NextBits();
        for (int i = 0; i < destination.Length; i++) destination[i] = (byte)(last >> (8 * i));
    }

    private static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9UL;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebUL;
        return z ^ (z >> 31);
    }
}
