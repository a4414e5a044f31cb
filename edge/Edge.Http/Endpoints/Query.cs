using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace Edge.Http.Endpoints;

/// <summary>Parameters of the query string; what is not allowed is a problem that says what is.</summary>
internal static class Query
{
    public static long Number(HttpContext http, string name, long fallback, long minimum, long maximum)
    {
        string? text = http.Request.Query[name];
        if (string.IsNullOrEmpty(text)) return fallback;
        return long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long value) && value >= minimum && value <= maximum
            ? value : throw ProblemException.BadRequest($"{name} is '{text}'; use {minimum} to {maximum}.");
    }

    public static bool Flag(HttpContext http, string name)
    {
        string? text = http.Request.Query[name];
        return text switch
        {
            null or "" or "false" or "0" => false,
            "true" or "1" => true,
            _ => throw ProblemException.BadRequest($"{name} is '{text}'; use true or false."),
        };
    }

    /// <summary>ISO 8601, or milliseconds since the Unix epoch.</summary>
    public static long? Time(HttpContext http, string name)
    {
        string? text = http.Request.Query[name];
        if (string.IsNullOrEmpty(text)) return null;
        if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long ms)) return ms;
        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset time)
            ? time.ToUnixTimeMilliseconds() : throw ProblemException.BadRequest($"{name} is '{text}'; use ISO 8601 such as 2026-11-23T06:00:00Z, or milliseconds since 1970.");
    }
}
