using System.Collections.Concurrent;
using System.Security.Cryptography;
using Edge.Catalog.Store;
using Edge.Log;
using Edge.Log.Commit;
using Edge.Log.Topics;

namespace Edge.Catalog.Users;

/// <summary>Users, their secrets (hashed and salted) and rules. Truth is the journal's internal topic <c>__catalog</c>; all protocols ask here.</summary>
/// <remarks>
/// Checking a password costs what its iterations cost, so at most two checks run at a time and few wait; whoever logged in once with a password is then recognised by a
/// keyed digest that never leaves memory. Thread-safe.
/// </remarks>
public sealed class UserStore : IDisposable
{
    public const int MaxUsers = 10_000, MinPasswordLength = 8, MaxPasswordLength = 256;
    private const int MaxChecks = 2, MaxWaitingChecks = 32;
    private readonly Journal _journal;
    private readonly TimeProvider _timeProvider;
    private readonly ConcurrentDictionary<string, CatalogUser> _users = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, (PasswordHash Of, byte[] Digest)> _recognised = new(StringComparer.Ordinal);
    private readonly byte[] _secret = RandomNumberGenerator.GetBytes(32);
    private readonly SemaphoreSlim _changes = new(1, 1), _checks = new(MaxChecks, MaxChecks);
    private int _waiting, _version;

    public UserStore(Journal journal, TimeProvider timeProvider)
    {
        (_journal, _timeProvider) = (journal, timeProvider);
        foreach ((string key, ReadOnlyMemory<byte> value) in Table.Snapshot())
        {
            if (key.StartsWith(CatalogKeys.User, StringComparison.Ordinal) && UserJson.TryRead(key, value) is { } user) _users[user.Name] = user;
        }
    }

    /// <summary>All users, by name.</summary>
    public IReadOnlyList<CatalogUser> Users => [.. _users.Values.OrderBy(u => u.Name, StringComparer.Ordinal)];

    public int Count => _users.Count;

    /// <summary>Rises with every change of a user: answers kept from before are to be asked again.</summary>
    public int Version => Volatile.Read(ref _version);

    private KeyedTable Table => _journal.GetTable(CatalogKeys.Table);

    public bool TryGet(string name, out CatalogUser user) => _users.TryGetValue(name, out user!);

    /// <summary>Is that the user's password? The user comes with <see cref="PasswordCheck.Right"/> only.</summary>
    /// <param name="stillWanted">Asked once a check has its turn: false (too many failed meanwhile) ends it unread.</param>
    public async ValueTask<(PasswordCheck Check, CatalogUser? User)> VerifyAsync(string name, ReadOnlyMemory<byte> passwordUtf8, Func<bool>? stillWanted, CancellationToken cancellationToken)
    {
        _users.TryGetValue(name, out CatalogUser? user);
        byte[] digest = HMACSHA256.HashData(_secret, passwordUtf8.Span);
        if (user?.Password is { } known && _recognised.TryGetValue(name, out (PasswordHash Of, byte[] Digest) before) && ReferenceEquals(before.Of, known)
            && CryptographicOperations.FixedTimeEquals(before.Digest, digest)) return (PasswordCheck.Right, user);
        if (Interlocked.Increment(ref _waiting) > MaxWaitingChecks)
        {
            Interlocked.Decrement(ref _waiting);
            return (PasswordCheck.Busy, null);
        }
        try
        {
            await _checks.WaitAsync(cancellationToken).ConfigureAwait(false);
            try
            {
                if (stillWanted is not null && !stillWanted()) return (PasswordCheck.Busy, null);
                // Without a user as much work is done as with one, so that the time does not tell who exists.
                PasswordHash against = user?.Password ?? Nobody.Value;
                bool isRight = await Task.Run(() => against.Verify(passwordUtf8.Span), CancellationToken.None).ConfigureAwait(false);
                if (!isRight || user?.Password is null) return (PasswordCheck.Wrong, null);
                _recognised[name] = (against, digest);
                return (PasswordCheck.Right, user);
            }
            finally
            {
                _checks.Release();
            }
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
    }

    /// <summary>What SCRAM is done with. For an unknown user keys that nothing fits, always the same for one name.</summary>
    public ScramKeys ScramKeysOf(string name, bool isSha512)
    {
        if (_users.TryGetValue(name, out CatalogUser? user) && (isSha512 ? user.Scram512 : user.Scram256) is { } keys) return keys;
        byte[] fake = HMACSHA512.HashData(_secret, System.Text.Encoding.UTF8.GetBytes(name));
        int size = isSha512 ? 64 : 32;
        return new ScramKeys(fake[..16], ScramKeys.DefaultIterations, RandomNumberGenerator.GetBytes(size), RandomNumberGenerator.GetBytes(size));
    }

    /// <summary>Adds a user without rules, or sets another password for one there is.</summary>
    /// <param name="password">Null: none, the user shows a client certificate.</param>
    /// <param name="mayExist">Keep the rules and set the password of a user that exists.</param>
    public async Task<(UserChange Change, string? Problem)> AddAsync(string name, string? password, bool mayExist = false)
    {
        if (!IsValidName(name)) return (UserChange.Invalid, $"User name '{name}' is not allowed; use 1 to 64 of A-Z a-z 0-9 . _ @ -");
        if (password is not null && password.Length is < MinPasswordLength or > MaxPasswordLength)
            return (UserChange.Invalid, $"The password has {password.Length} characters; use {MinPasswordLength} to {MaxPasswordLength}.");
        (PasswordHash? hash, ScramKeys? scram256, ScramKeys? scram512) = password is null ? default : await Task.Run(() => Hash(password)).ConfigureAwait(false);
        return await ChangeAsync(name, existing =>
        {
            if (existing is not null && !mayExist) return (UserChange.AlreadyExists, $"User '{name}' exists.", null);
            if (existing is null && _users.Count >= MaxUsers) return (UserChange.LimitReached, $"{MaxUsers} users is the limit.", null);
            return (UserChange.Ok, null, new CatalogUser(name, hash, scram256, scram512, existing?.Rules ?? [], existing?.Created ?? _timeProvider.GetUtcNow()));
        }).ConfigureAwait(false);
    }

    public Task<(UserChange Change, string? Problem)> RemoveAsync(string name) =>
        ChangeAsync(name, existing => existing is null ? (UserChange.NotFound, $"There is no user '{name}'.", null) : (UserChange.Ok, null, null));

    /// <summary>Allows more. A rule for the same pattern is widened.</summary>
    public Task<(UserChange Change, string? Problem)> AllowAsync(string name, AclRule rule) => ChangeAsync(name, existing =>
    {
        if (existing is null) return (UserChange.NotFound, $"There is no user '{name}'.", null);
        if (TopicPattern.ProblemOf(rule.Pattern) is { } problem) return (UserChange.Invalid, problem, null);
        if ((rule.Operations & ~AclOperation.All) != 0 || rule.Operations == AclOperation.None) return (UserChange.Invalid, "The operation is none of publish, subscribe, admin and all.", null);
        var rules = existing.Rules.ToDictionary(r => r.Pattern, r => r.Operations, StringComparer.Ordinal);
        rules[rule.Pattern] = rules.GetValueOrDefault(rule.Pattern) | rule.Operations;
        if (rules.Count > CatalogUser.MaxRules) return (UserChange.LimitReached, $"{CatalogUser.MaxRules} rules is the limit of one user.", null);
        return (UserChange.Ok, null, existing with { Rules = [.. rules.Select(r => new AclRule(r.Value, r.Key))] });
    });

    /// <summary>Takes operations of a pattern back.</summary>
    public Task<(UserChange Change, string? Problem)> RevokeAsync(string name, AclRule rule) => ChangeAsync(name, existing =>
    {
        if (existing is null) return (UserChange.NotFound, $"There is no user '{name}'.", null);
        if (!existing.Rules.Any(r => r.Pattern == rule.Pattern && (r.Operations & rule.Operations) != 0)) return (UserChange.NotFound, $"User '{name}' has no such rule for '{rule.Pattern}'.", null);
        IEnumerable<AclRule> left = existing.Rules.Select(r => r.Pattern == rule.Pattern ? r with { Operations = r.Operations & ~rule.Operations } : r).Where(r => r.Operations != AclOperation.None);
        return (UserChange.Ok, null, existing with { Rules = [.. left] });
    });

    public static bool IsValidName(string name) => name.Length is > 0 and <= 64 && name.All(static c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '@' or '-');

    public void Dispose()
    {
        _changes.Dispose();
        _checks.Dispose();
    }

    private static readonly Lazy<PasswordHash> Nobody = new(() => new PasswordHash(RandomNumberGenerator.GetBytes(16), PasswordHash.DefaultIterations, RandomNumberGenerator.GetBytes(32)));

    private static (PasswordHash?, ScramKeys?, ScramKeys?) Hash(string password) =>
        (PasswordHash.Create(password), ScramKeys.Create(HashAlgorithmName.SHA256, password), ScramKeys.Create(HashAlgorithmName.SHA512, password));

    /// <summary>One change at a time; seen once it is durable.</summary>
    private async Task<(UserChange Change, string? Problem)> ChangeAsync(string name, Func<CatalogUser?, (UserChange, string?, CatalogUser?)> decide)
    {
        await _changes.WaitAsync().ConfigureAwait(false);
        try
        {
            (UserChange change, string? problem, CatalogUser? next) = decide(_users.GetValueOrDefault(name));
            if (change != UserChange.Ok) return (change, problem);
            CommitOutcome outcome = await Table.PutAsync(CatalogKeys.User + name, next is null ? default(ReadOnlyMemory<byte>?) : UserJson.Write(next)).ConfigureAwait(false);
            if (!outcome.IsDurable) return (UserChange.NotStored, $"The change of user '{name}' was not stored ({outcome.Status}).");
            _recognised.TryRemove(name, out _);
            if (next is null) _users.TryRemove(name, out _);
            else _users[name] = next;
            Interlocked.Increment(ref _version);
            return (UserChange.Ok, null);
        }
        finally
        {
            _changes.Release();
        }
    }
}
