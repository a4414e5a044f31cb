namespace Edge.Catalog.Users;

/// <summary>Outcome of a password check.</summary>
public enum PasswordCheck : byte
{
    Right,

    /// <summary>Another password, no such user, or a user without one; which one is not told.</summary>
    Wrong,

    /// <summary>Too many checks wait, or the caller no longer wants it; nothing was compared.</summary>
    Busy,
}
