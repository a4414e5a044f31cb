namespace Edge.Kafka.Security;

/// <summary>What a SASL mechanism answers.</summary>
/// <param name="User">Who logged in; null while it goes on, or when it failed.</param>
/// <param name="IsFailed">Over, and refused. The reason is for the log; the client is told only that it failed.</param>
internal readonly record struct SaslStep(byte[] Answer, string? User, bool IsFailed, string? Reason)
{
    public static SaslStep Continue(byte[] answer) => new(answer, null, false, null);
    public static SaslStep Done(byte[] answer, string user) => new(answer, user, false, null);
    public static SaslStep Failed(string reason) => new([], null, true, reason);
}
