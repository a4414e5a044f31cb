using System.Diagnostics;
using System.Text.Json;

namespace Edge.Host.Demo;

/// <summary>A child of the demo: this same program, running another command.</summary>
internal sealed class DemoProcess : IAsyncDisposable
{
    private const int SigTerm = 15;
    private const int MaxLines = 40;
    private static readonly TimeSpan ReadyTimeout = TimeSpan.FromSeconds(60), StopTimeout = TimeSpan.FromSeconds(20);

    private readonly Process _process;
    private readonly string _name;
    private readonly StreamWriter _log;
    private readonly Queue<string> _lines = new();
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private DemoProcess(string name, Process process, StreamWriter log) => (_name, _process, _log) = (name, process, log);

    /// <summary>As the child bound them: mqtt, kafka, http.</summary>
    public IReadOnlyDictionary<string, int> Ports { get; private set; } = new Dictionary<string, int>();

    public bool HasExited => _process.HasExited;

    /// <summary>Starts it and waits for its ready line. What it prints goes to <paramref name="logFile"/>.</summary>
    /// <exception cref="DemoException">It ended or was not ready in time; the message has what it said.</exception>
    public static async Task<DemoProcess> StartAsync(string name, string logFile, IReadOnlyList<string> arguments, CancellationToken cancellationToken)
    {
        (string program, string[] before) = Self();
        var start = new ProcessStartInfo(program) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string argument in (string[])[.. before, "demo", "child", "--", .. arguments]) start.ArgumentList.Add(argument);
        var log = new StreamWriter(new FileStream(logFile, FileMode.Append, FileAccess.Write, FileShare.ReadWrite)) { AutoFlush = true };
        var child = new DemoProcess(name, new Process { StartInfo = start, EnableRaisingEvents = true }, log);
        child._process.OutputDataReceived += (_, e) => child.Take(e.Data, isOutput: true);
        child._process.ErrorDataReceived += (_, e) => child.Take(e.Data, isOutput: false);
        child._process.Start();
        child._process.BeginOutputReadLine();
        child._process.BeginErrorReadLine();
        try
        {
            Task exited = child._process.WaitForExitAsync(cancellationToken);
            await Task.WhenAny(child._ready.Task, exited).WaitAsync(ReadyTimeout, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException)
        {
            await child.DisposeAsync().ConfigureAwait(false);
            if (e is OperationCanceledException) throw;
            throw new DemoException($"The {name} was not ready within {ReadyTimeout.TotalSeconds:0} s; {child.LastWords()}");
        }
        if (child._ready.Task.IsCompletedSuccessfully) return child;
        await child.DisposeAsync().ConfigureAwait(false);
        throw new DemoException($"The {name} did not start; {child.LastWords()}");
    }

    /// <summary>What it said last, for the person.</summary>
    public string LastWords()
    {
        lock (_lines) return _lines.Count == 0 ? "it said nothing." : $"it said:\n{string.Join('\n', _lines.Select(static l => "  " + l))}";
    }

    /// <summary>Asks it to end, waits, and ends it the hard way when it does not.</summary>
    /// <returns>False when it had to be killed.</returns>
    public async Task<bool> StopAsync()
    {
        if (!_process.HasExited) _ = DemoChild.SendSignal(_process.Id, SigTerm);
        try
        {
            await _process.WaitForExitAsync(CancellationToken.None).WaitAsync(StopTimeout).ConfigureAwait(false);
            return true;
        }
        catch (TimeoutException)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync(CancellationToken.None).ConfigureAwait(false);
            return false;
        }
    }

    public async ValueTask DisposeAsync()
    {
        try { await StopAsync().ConfigureAwait(false); }
        catch (InvalidOperationException) { } // never started
        _process.Dispose();
        lock (_lines) _log.Dispose();
    }

    /// <summary>This program, also when it runs as <c>dotnet edge.dll</c>.</summary>
    private static (string Program, string[] Before) Self()
    {
        string path = Environment.ProcessPath ?? throw new DemoException("The path of this program is not known.");
        return Path.GetFileNameWithoutExtension(path).Equals("dotnet", StringComparison.OrdinalIgnoreCase) ? (path, [Path.Combine(AppContext.BaseDirectory, "edge.dll")]) : (path, []);
    }

    private void Take(string? line, bool isOutput)
    {
        if (line is null) return;
        lock (_lines)
        {
            if (_log.BaseStream.CanWrite) _log.WriteLine(line);
            if (isOutput && TryPorts(line) is { } ports)
            {
                Ports = ports;
                _ready.TrySetResult();
                return;
            }
            _lines.Enqueue(line);
            if (_lines.Count > MaxLines) _lines.Dequeue();
        }
    }

    private static Dictionary<string, int>? TryPorts(string line)
    {
        if (!line.StartsWith("{\"ready\"", StringComparison.Ordinal)) return null;
        try
        {
            using JsonDocument document = JsonDocument.Parse(line);
            return document.RootElement.EnumerateObject().Where(static p => p.Value.ValueKind == JsonValueKind.Number).ToDictionary(static p => p.Name, static p => p.Value.GetInt32());
        }
        catch (JsonException) { return null; }
    }

    public override string ToString() => _name;
}
