using System.Diagnostics;
using System.Text.Json;

namespace Edge.Testing.Processes;

/// <summary>The real program, running: <c>edge run</c> or <c>edge hub</c> on its own data directory.</summary>
/// <remarks>Disposing kills it. Only the process started here is ever signalled, by its pid.</remarks>
public sealed class EdgeProcess : IAsyncDisposable
{
    private static readonly HttpClient Http = new() { Timeout = TimeSpan.FromSeconds(5) };

    private readonly Process _process;

    private EdgeProcess(Process process, EdgeStart start, ProcessOutput output, EdgePorts ports, TimeSpan timeToReady) =>
        (_process, Start, Output, Ports, TimeToReady) = (process, start, output, ports, timeToReady);

    /// <summary>What it was started with; with the ports as bound it starts again on the same ones.</summary>
    public EdgeStart Start { get; }

    public ProcessOutput Output { get; }
    public EdgePorts Ports { get; }
    public int Pid => _process.Id;

    /// <summary>From the start of the process to its ready line.</summary>
    public TimeSpan TimeToReady { get; }

    public bool HasExited => _process.HasExited;
    public string KafkaAddress => $"127.0.0.1:{Ports.Kafka}";
    public string Url => $"http://127.0.0.1:{Ports.Http}";

    /// <summary>Starts it and waits for its ready line.</summary>
    /// <exception cref="EdgeStartException">It ended, or was not ready in time.</exception>
    public static async Task<EdgeProcess> StartAsync(EdgeStart start)
    {
        ArgumentNullException.ThrowIfNull(start);
        var output = new ProcessOutput();
        var ready = new TaskCompletionSource<EdgePorts>(TaskCreationOptions.RunContinuationsAsynchronously);
        long began = Stopwatch.GetTimestamp();
        var process = new Process { StartInfo = start.ToStartInfo(), EnableRaisingEvents = true };
        process.OutputDataReceived += (_, e) =>
        {
            if (e.Data is null) return;
            output.Add("out", e.Data);
            if (EdgePorts.TryParse(e.Data) is { } ports) ready.TrySetResult(ports);
        };
        process.ErrorDataReceived += (_, e) =>
        {
            if (e.Data is not null) output.Add("err", e.Data);
        };
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        Task exited = process.WaitForExitAsync(); // ends after both streams were read to their end
        await Task.WhenAny(ready.Task, exited, Task.Delay(start.ReadyTimeout)).ConfigureAwait(false);
        if (ready.Task.IsCompletedSuccessfully) return new EdgeProcess(process, start, output, await ready.Task.ConfigureAwait(false), Stopwatch.GetElapsedTime(began));
        int? exitCode = process.HasExited ? process.ExitCode : null;
        if (exitCode is null) process.Kill(entireProcessTree: true);
        process.Dispose();
        throw new EdgeStartException($"edge {start.Verb} {(exitCode is null ? $"was not ready within {start.ReadyTimeout}" : $"ended with {exitCode}")}:\n{output}", exitCode);
    }

    /// <summary>Starts it again as before, on the same ports.</summary>
    public Task<EdgeProcess> StartAgainAsync() => StartAsync(Start with { Ports = Ports });

    /// <summary>kill -9, and waits until it is gone.</summary>
    public async Task KillAsync()
    {
        if (!_process.HasExited) Signals.Kill(_process.Id);
        await _process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(30)).ConfigureAwait(false);
    }

    /// <summary>Asks it to end and waits.</summary>
    /// <returns>Its exit code.</returns>
    /// <exception cref="TimeoutException">It did not end in time; it is still running.</exception>
    public async Task<int> StopAsync(TimeSpan? timeout = null)
    {
        if (!_process.HasExited) Signals.Terminate(_process.Id);
        try { await _process.WaitForExitAsync().WaitAsync(timeout ?? TimeSpan.FromSeconds(30)).ConfigureAwait(false); }
        catch (TimeoutException) { throw new TimeoutException($"edge did not end after SIGTERM:\n{Output}"); }
        return _process.ExitCode;
    }

    /// <summary>GET of a JSON document, whatever its status code.</summary>
    public async Task<JsonDocument> GetJsonAsync(string path) => JsonDocument.Parse(await GetTextAsync(path).ConfigureAwait(false));

    public async Task<string> GetTextAsync(string path)
    {
        using HttpResponseMessage response = await Http.GetAsync(new Uri(Url + path)).ConfigureAwait(false);
        return await response.Content.ReadAsStringAsync().ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            Signals.Kill(_process.Id);
            try { await _process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(10)).ConfigureAwait(false); }
            catch (TimeoutException) { }
        }
        _process.Dispose();
    }
}
