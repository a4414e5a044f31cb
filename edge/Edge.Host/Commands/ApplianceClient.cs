using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text.Json;
using Edge.Host.Composition;
using Edge.Host.Configuration;

namespace Edge.Host.Commands;

/// <summary>Talks HTTP to a running appliance, found by address or by the run.json of its data directory.</summary>
internal sealed class ApplianceClient : IDisposable
{
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(30);
    private readonly HttpClient _http;
    private readonly string _where;

    private ApplianceClient(Uri address, string? token, string where)
    {
        _where = where;
        _http = new HttpClient(new SocketsHttpHandler { ConnectTimeout = TimeSpan.FromSeconds(5), UseProxy = false, AllowAutoRedirect = false }) { BaseAddress = address, Timeout = Timeout.InfiniteTimeSpan };
        if (token is not null) _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
    }

    /// <param name="url">Wins over <paramref name="directory"/>; null: look into the directory.</param>
    public static ApplianceClient Find(string? url, string? directory)
    {
        if (url is not null)
        {
            return Uri.TryCreate(url, UriKind.Absolute, out Uri? address) && address.Scheme is "http" or "https"
                ? new ApplianceClient(address!, null, url) : throw new CommandException(ExitCode.Usage, $"--url is '{url}'; use http://host:port.");
        }
        directory ??= EdgeOptions.DefaultDataDirectory;
        string path = RunFile.PathIn(directory);
        RunFile? run = RunFile.TryRead(directory);
        if (run is null)
        {
            throw new CommandException(ExitCode.Unreachable, File.Exists(path)
                ? $"{path} cannot be read: it belongs to another user, or is damaged."
                : $"no appliance runs on '{directory}' (there is no {path}). Name its directory with --data, or its address with --url.");
        }
        if (!run.Process.IsRunning)
            throw new CommandException(ExitCode.Unreachable, $"no appliance runs on '{directory}': {path} is left over from process {run.Process.Pid}, which is gone.");
        return new ApplianceClient(new Uri(run.Url), run.Token, $"{run.Url} (process {run.Process.Pid})");
    }

    /// <summary>The answer's document.</summary>
    public async Task<JsonDocument> GetAsync(string path, CancellationToken cancellationToken)
    {
        using HttpResponseMessage response = await SendAsync(new HttpRequestMessage(HttpMethod.Get, path), cancellationToken).ConfigureAwait(false);
        return await ReadAsync(response, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Null: the answer has no body.</summary>
    public async Task<JsonDocument?> SendAsync(HttpMethod method, string path, byte[]? body, CancellationToken cancellationToken, string contentType = "application/json")
    {
        var request = new HttpRequestMessage(method, path);
        if (body is not null) request.Content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue(contentType) } };
        using HttpResponseMessage response = await SendAsync(request, cancellationToken).ConfigureAwait(false);
        return response.StatusCode == HttpStatusCode.NoContent ? null : await ReadAsync(response, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>An answer's body as it comes; the caller disposes it.</summary>
    public async Task<Stream> StreamAsync(string path, CancellationToken cancellationToken)
    {
        HttpResponseMessage response = await SendAsync(new HttpRequestMessage(HttpMethod.Get, path), cancellationToken).ConfigureAwait(false);
        return await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Lines of an NDJSON answer as they come; ends when the appliance ends it.</summary>
    public async IAsyncEnumerable<JsonDocument> LinesAsync(string path, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Accept.ParseAdd("application/x-ndjson");
        using HttpResponseMessage response = await SendAsync(request, cancellationToken).ConfigureAwait(false);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false));
        while (true)
        {
            string? line;
            try { line = await reader.ReadLineAsync(cancellationToken).ConfigureAwait(false); }
            catch (Exception e) when (e is IOException or HttpRequestException) { throw Lost(e); }
            if (line is null) yield break;
            if (line.Length > 0) yield return JsonDocument.Parse(line);
        }
    }

    public void Dispose() => _http.Dispose();

    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(AnswerLimit);
        HttpResponseMessage response;
        try { response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limit.Token).ConfigureAwait(false); }
        catch (HttpRequestException e) { throw Lost(e); }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new CommandException(ExitCode.Unreachable, $"the appliance at {_where} did not answer within {AnswerLimit.TotalSeconds} s.");
        }
        if (response.IsSuccessStatusCode) return response;
        string detail = await DetailAsync(response, cancellationToken).ConfigureAwait(false);
        int code = response.StatusCode switch
        {
            HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden or HttpStatusCode.MisdirectedRequest => ExitCode.Refused,
            HttpStatusCode.BadRequest or HttpStatusCode.NotFound or HttpStatusCode.Conflict or HttpStatusCode.RequestedRangeNotSatisfiable or HttpStatusCode.RequestEntityTooLarge => ExitCode.Usage,
            HttpStatusCode.ServiceUnavailable or HttpStatusCode.InsufficientStorage => ExitCode.No,
            _ => ExitCode.Unreachable,
        };
        response.Dispose();
        throw new CommandException(code, detail);
    }

    private CommandException Lost(Exception e) => new(ExitCode.Unreachable, e.InnerException is SocketException socket
        ? $"the appliance at {_where} cannot be reached: {socket.Message}." : $"the connection to {_where} was lost: {e.Message}");

    private static async Task<JsonDocument> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        try
        {
            using Stream body = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
            return await JsonDocument.ParseAsync(body, default, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is JsonException or IOException or HttpRequestException) { throw new CommandException(ExitCode.Unreachable, $"the answer cannot be read ({e.Message}); is it an appliance?"); }
    }

    private static async Task<string> DetailAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        try
        {
            using JsonDocument problem = JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false));
            return problem.RootElement.GetProperty("detail").GetString() ?? "";
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or HttpRequestException) { return $"the appliance answered {(int)response.StatusCode} {response.ReasonPhrase}."; }
    }
}
