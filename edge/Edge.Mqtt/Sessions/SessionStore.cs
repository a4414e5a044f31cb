using System.Globalization;
using Edge.Log;
using Edge.Log.Commit;
using Edge.Log.Topics;

namespace Edge.Mqtt.Sessions;

/// <summary>The table <c>__mqtt_sessions</c>: what of a session outlives the process. docs/formats/mqtt-sessions.md has the bytes.</summary>
/// <remarks>
/// Keys: <c>s</c> + client id (life time, subscriptions), <c>p</c> + client id (position, in flight), <c>q</c> + 8 hex digits + client id (unreleased QoS 2 ids of one
/// commit group), <c>w</c> + 16 hex digits + client id (will of a connection). Puts are written in the order of the calls.
/// </remarks>
internal sealed class SessionStore(Journal journal)
{
    private const int RunDigits = 8, WillDigits = 16;
    private long _nextWill = Random.Shared.NextInt64();

    public KeyedTable Table { get; } = journal.GetTable("__mqtt_sessions");

    public static string RunKey(string clientId, uint run) => string.Create(CultureInfo.InvariantCulture, $"q{run:x8}{clientId}");

    public static uint RunNumberOf(string key) => uint.Parse(key.AsSpan(1, RunDigits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);

    /// <summary>Kind and client id of a key; false when it is none of ours.</summary>
    public static bool TryReadKey(string key, out char kind, out string clientId)
    {
        (kind, clientId) = (key.Length > 0 ? key[0] : '\0', "");
        int digits = kind switch { 's' or 'p' => 0, 'q' => RunDigits, 'w' => WillDigits, _ => -1 };
        if (digits < 0 || key.Length < 1 + digits) return false;
        for (int i = 1; i <= digits; i++)
            if (!char.IsAsciiHexDigitLower(key[i])) return false;
        clientId = key[(1 + digits)..];
        return true;
    }

    /// <summary>A key no other will has.</summary>
    public string NewWillKey(string clientId) => string.Create(CultureInfo.InvariantCulture, $"w{(ulong)Interlocked.Increment(ref _nextWill):x16}{clientId}");

    public Task<CommitOutcome> PutAsync(char kind, string clientId, byte[] value) => Table.PutAsync(kind + clientId, value);

    /// <summary>Removes a key; nobody waits for it: were it lost in a crash, it is removed again.</summary>
    public void Remove(string key) => _ = Table.PutAsync(key, null);

    public IEnumerable<string> RunKeysOf(string clientId) =>
        Table.Snapshot().Select(static pair => pair.Key).Where(key => TryReadKey(key, out char kind, out string id) && kind == 'q' && id == clientId).ToArray();
}
