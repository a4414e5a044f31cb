namespace Edge.CloudSync.Forwarding;

/// <summary>One array per length, used again and again: the client takes exact arrays only, and copies them before Produce returns.</summary>
/// <remarks>Lengths up to 4 KiB are kept (at most 8 MiB if every length occurs); longer values are allocated, where copying costs more anyway.</remarks>
internal sealed class ExactArrays
{
    private const int MaxKeptBytes = 4096;
    private readonly byte[]?[] _byLength = new byte[]?[MaxKeptBytes + 1];

    /// <summary>An array of exactly that length; its old content is still in it, and the next call with that length returns it again.</summary>
    public byte[] Take(int length)
    {
        if (length > MaxKeptBytes) return GC.AllocateUninitializedArray<byte>(length);
        return _byLength[length] ??= new byte[length];
    }

    public byte[] Copy(ReadOnlySpan<byte> bytes)
    {
        byte[] exact = Take(bytes.Length);
        bytes.CopyTo(exact);
        return exact;
    }
}
