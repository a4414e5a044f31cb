namespace Edge.Log.Storage;

/// <summary>A system call on a file or directory failed.</summary>
/// <remarks>Kept apart from <see cref="IOException"/> so that the errno is never lost: what follows depends on it.</remarks>
public sealed class DiskException(string operation, string path, int errno)
    : EdgeException($"{operation} of '{path}' failed: {Errno.Describe(errno)}")
{
    /// <summary>The Linux errno; <see cref="Errno"/> names the ones that are told apart.</summary>
    public int ErrnoValue { get; } = errno;

    /// <summary>The call that failed, for example <c>fdatasync</c>.</summary>
    public string Operation { get; } = operation;

    public string Path { get; } = path;

    public override bool IsTransient => ErrnoValue is Errno.NoSpace or Errno.Quota or Errno.TooManyFiles or Errno.FileTableFull;
}
