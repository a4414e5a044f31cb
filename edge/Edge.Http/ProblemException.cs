namespace Edge.Http;

/// <summary>Ends a request with a problem document (RFC 9457).</summary>
internal sealed class ProblemException(int status, string title, string detail) : Exception(detail)
{
    public int Status { get; } = status;
    public string Title { get; } = title;

    /// <summary>Seconds after which the same request may succeed; null: not by waiting.</summary>
    public int? RetryAfter { get; init; }

    public static ProblemException BadRequest(string detail) => new(400, "Bad request", detail);
    public static ProblemException NoTopic(string name) => new(404, "No such topic", $"There is no topic '{name}'.");
}
