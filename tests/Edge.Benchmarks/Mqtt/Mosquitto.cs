using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Edge.Testing.Network;
using Edge.Testing.Processes;

namespace Edge.Benchmarks.Mqtt;

/// <summary>A mosquitto of our own, for comparison in the same minute on the same machine. It keeps nothing.</summary>
internal sealed class Mosquitto : IAsyncDisposable
{
    private readonly Process _process;
    private readonly string _config;

    private Mosquitto(Process process, string config, int port) => (_process, _config, Port) = (process, config, port);

    public int Port { get; }
    public int Pid => _process.Id;

    public static async Task<Mosquitto> StartAsync(string program, string work)
    {
        int port = FreePort.Take();
        string config = Path.Combine(work, $"mosquitto-{port}.conf");
        File.WriteAllText(config, string.Create(CultureInfo.InvariantCulture,
            $"listener {port} 127.0.0.1\nallow_anonymous true\npersistence false\nmax_queued_messages 0\nmax_inflight_messages 0\nset_tcp_nodelay true\nlog_type none\n{(Environment.UserName == "root" ? "user root\n" : "")}"));
        var process = new Process { StartInfo = new ProcessStartInfo(program, ["-c", config]) { RedirectStandardError = true, RedirectStandardOutput = true } };
        process.OutputDataReceived += static (_, _) => { };
        process.ErrorDataReceived += static (_, _) => { };
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        var mosquitto = new Mosquitto(process, config, port);
        await Eventually.TrueAsync(() => !process.HasExited && IsListening(port), TimeSpan.FromSeconds(10), "mosquitto listens");
        return mosquitto;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) Signals.Terminate(_process.Id);
        try { await _process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(5)); }
        catch (TimeoutException) { _process.Kill(); }
        _process.Dispose();
        File.Delete(_config);
    }

    private static bool IsListening(int port)
    {
        try
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            socket.Connect(new IPEndPoint(IPAddress.Loopback, port));
            return true;
        }
        catch (SocketException) { return false; }
    }
}
