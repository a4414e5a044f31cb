namespace Edge.CloudSync.Cursors;

/// <summary>What the local journal knows of itself.</summary>
internal interface ILocalHistory
{
    string Log { get; }

    /// <summary>Newest first.</summary>
    IReadOnlyList<string> Parents { get; }

    bool KnowsBoot(string boot);

    /// <summary>Where the local partition ends or a boot newer than <paramref name="boot"/> begins in it, whichever comes first; at most <paramref name="next"/>.</summary>
    long EndOf(LocalPosition partition, string boot, long next);
}
