namespace Edge.Testing.Storage;

/// <summary>A file at the moment of a crash: what is on the medium, and the first <paramref name="Count"/> changes of <paramref name="Pending"/> on their way to it.</summary>
internal sealed record InodeSnapshot(SparseImage Durable, List<PendingChange> Pending, int Count);
