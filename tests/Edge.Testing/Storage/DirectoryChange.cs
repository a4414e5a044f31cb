namespace Edge.Testing.Storage;

/// <summary>One change of the directory that no directory sync has covered yet: an inode gets (<paramref name="To"/>) and loses (<paramref name="From"/>) a name.</summary>
internal readonly record struct DirectoryChange(SimulatedInode Inode, string? From, string? To)
{
    public void Apply<T>(IDictionary<string, T> names, Func<SimulatedInode, T> view) where T : class
    {
        T target = view(Inode);
        if (From is not null && names.TryGetValue(From, out T? there) && ReferenceEquals(there, target)) names.Remove(From);
        if (To is not null) names[To] = target;
    }
}
