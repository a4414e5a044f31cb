using System.Diagnostics;
using System.Globalization;
using Edge.Testing.Processes;

namespace Edge.Crash.Tests.Storage;

/// <summary>Makes a system call fail in a running process, by strace: fdatasync with EIO unless said otherwise. Disposing ends that.</summary>
internal sealed class SyncFailure : IAsyncDisposable
{
    private readonly Process _strace;
    private readonly ProcessOutput _output;

    private SyncFailure(Process strace, ProcessOutput output) => (_strace, _output) = (strace, output);

    /// <summary>What strace said: the system calls it touched.</summary>
    public string Trace => _output.ToString();

    /// <summary>True once a call was made to fail.</summary>
    public bool HasHappened => _output.Contains("(INJECTED)");

    /// <param name="when">strace's when= of each thread: <c>1</c> the next one, <c>1+</c> all from now on.</param>
    /// <param name="call">Name of the system call, or several with commas.</param>
    /// <param name="error">Name of the errno.</param>
    public static async Task<SyncFailure> InjectAsync(int pid, string when, string call = "fdatasync", string error = "EIO")
    {
        var output = new ProcessOutput();
        var attached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var start = new ProcessStartInfo(ToolPath.Find("strace")!, ["-f", "-e", $"trace={call}", "-e", $"inject={call}:error={error}:when={when}", "-p", pid.ToString(CultureInfo.InvariantCulture)]) { RedirectStandardError = true };
        var strace = new Process { StartInfo = start, EnableRaisingEvents = true };
        strace.ErrorDataReceived += (_, e) =>
        {
            if (e.Data is null) return;
            output.Add("strace", e.Data);
            if (e.Data.Contains("attached", StringComparison.Ordinal)) attached.TrySetResult();
        };
        strace.Start();
        strace.BeginErrorReadLine();
        await Task.WhenAny(attached.Task, strace.WaitForExitAsync(), Task.Delay(TimeSpan.FromSeconds(20)));
        if (attached.Task.IsCompletedSuccessfully) return new SyncFailure(strace, output);
        if (!strace.HasExited) strace.Kill();
        throw new InvalidOperationException($"strace did not attach to {pid}:\n{output}");
    }

    /// <summary>Lets the process go.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!_strace.HasExited)
        {
            Signals.Terminate(_strace.Id);
            try { await _strace.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(10)); }
            catch (TimeoutException) { _strace.Kill(); }
        }
        _strace.Dispose();
    }
}
