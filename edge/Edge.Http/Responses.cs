using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Edge.Http;

/// <summary>Writes whole responses: a JSON document, a problem document, text.</summary>
internal static class Responses
{
    /// <summary>Text stays readable. The content type and nosniff keep a browser from taking it for a page.</summary>
    public static readonly JsonWriterOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static async Task JsonAsync(HttpContext http, Action<Utf8JsonWriter> write, int status = 200, string contentType = "application/json")
    {
        var body = new ArrayBufferWriter<byte>(1024);
        using (var json = new Utf8JsonWriter(body, Json)) write(json);
        await SendAsync(http, body.WrittenMemory, status, contentType).ConfigureAwait(false);
    }

    public static Task TextAsync(HttpContext http, string text, int status = 200, string contentType = "text/plain; charset=utf-8") =>
        SendAsync(http, Encoding.UTF8.GetBytes(text), status, contentType);

    /// <summary>RFC 9457. <paramref name="more"/> adds members of its own.</summary>
    public static Task ProblemAsync(HttpContext http, int status, string title, string detail, int? retryAfter = null, Action<Utf8JsonWriter>? more = null)
    {
        if (retryAfter is { } seconds) http.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        return JsonAsync(http, json =>
        {
            json.WriteStartObject();
            json.WriteString("type"u8, "about:blank");
            json.WriteString("title"u8, title);
            json.WriteNumber("status"u8, status);
            json.WriteString("detail"u8, detail);
            more?.Invoke(json);
            json.WriteEndObject();
        }, status, "application/problem+json");
    }

    private static async Task SendAsync(HttpContext http, ReadOnlyMemory<byte> body, int status, string contentType)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = contentType;
        http.Response.ContentLength = body.Length;
        if (HttpMethods.IsHead(http.Request.Method)) return;
        await http.Response.Body.WriteAsync(body, http.RequestAborted).ConfigureAwait(false);
    }
}
