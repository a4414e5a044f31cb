using System.Runtime.InteropServices;

namespace Edge.Testing.Storage;

/// <summary>Makes what one file holds after a power cut out of what was durable and what was not.</summary>
internal static class CrashImage
{
    public const int SectorBytes = 512;

    public static SparseImage Of(InodeSnapshot file, CrashVariant variant, SeededRandom random) =>
        Of(file.Durable, CollectionsMarshal.AsSpan(file.Pending)[..file.Count], variant, random);

    public static SparseImage Of(SimulatedInode file, List<PendingChange> pending, CrashVariant variant, SeededRandom random) =>
        Of(file.Durable, CollectionsMarshal.AsSpan(pending), variant, random);

    private static SparseImage Of(SparseImage durable, ReadOnlySpan<PendingChange> pending, CrashVariant variant, SeededRandom random)
    {
        SparseImage image = durable.Clone();
        switch (variant)
        {
            case CrashVariant.NothingKept or CrashVariant.NamesOnly:
                break;
            case CrashVariant.EverythingKept or CrashVariant.DataOnly:
                foreach (PendingChange change in pending) change.Apply(image);
                break;
            case CrashVariant.Prefix:
                KeepPrefix(image, pending, random);
                break;
            case CrashVariant.SizeWithoutData:
                long length = image.Length;
                foreach (PendingChange change in pending) length = change.IsResize ? change.Length : Math.Max(length, change.Position + change.Length);
                KeepPrefix(image, pending, random);
                image.SetLength(length);
                break;
            default:
                int percent = random.Next(3) switch { 0 => 10, 1 => 50, _ => 90 };
                foreach (PendingChange change in pending) KeepSectors(durable, image, change, variant, percent, random);
                break;
        }
        return image;
    }

    private static void KeepPrefix(SparseImage image, ReadOnlySpan<PendingChange> pending, SeededRandom random)
    {
        int whole = random.Next(pending.Length + 1);
        for (int i = 0; i < whole; i++) pending[i].Apply(image);
        if (whole == pending.Length || pending[whole].IsResize) return;
        long cut = random.Next((int)pending[whole].Length);
        if (random.Chance(50)) cut -= (pending[whole].Position + cut) % SectorBytes;
        if (cut > 0) pending[whole].Apply(image, 0, cut);
    }

    private static void KeepSectors(SparseImage durable, SparseImage image, PendingChange change, CrashVariant variant, int percent, SeededRandom random)
    {
        if (change.IsResize || change.Data is null)
        {
            if (random.Chance(percent)) change.Apply(image);
            return;
        }
        for (long from = 0; from < change.Length;)
        {
            long to = Math.Min(change.Length, from + SectorBytes - ((change.Position + from) % SectorBytes));
            if (random.Chance(percent)) KeepSector(durable, image, change, from, to, variant, random);
            from = to;
        }
    }

    private static void KeepSector(SparseImage durable, SparseImage image, PendingChange change, long from, long to, CrashVariant variant, SeededRandom random)
    {
        if (variant == CrashVariant.ByteTears && random.Chance(30))
        {
            long tear = from + random.Next((int)(to - from) + 1);
            if (random.Chance(50)) to = tear;
            else from = tear;
        }
        if (variant != CrashVariant.Garbage || random.Chance(50))
        {
            if (to > from) change.Apply(image, from, to);
            return;
        }
        // A medium is trusted not to damage bytes that are rewritten with the value they have (DESIGN.md, "The tail page").
        Span<byte> old = stackalloc byte[SectorBytes], garbage = stackalloc byte[SectorBytes];
        old.Clear();
        durable.Read(change.Position + from, old);
        random.Fill(garbage);
        int count = (int)(to - from);
        for (int i = 0; i < count; i++)
        {
            if (old[i] == change.Data![from + i]) garbage[i] = old[i];
        }
        image.Write(change.Position + from, garbage[..count]);
    }
}
