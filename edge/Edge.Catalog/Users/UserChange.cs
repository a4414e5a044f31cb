namespace Edge.Catalog.Users;

/// <summary>Outcome of a change of users or rules.</summary>
public enum UserChange : byte
{
    Ok,
    NotFound,
    AlreadyExists,

    /// <summary>Name, password or pattern is not allowed; the problem says what is.</summary>
    Invalid,

    /// <summary>As many users or rules as are kept.</summary>
    LimitReached,

    /// <summary>The journal did not make it durable.</summary>
    NotStored,
}
