using System.Diagnostics;

namespace Edge.Testing.Centres;

/// <summary>Brokers of Apache Kafka in a folder of their own; they end with the test.</summary>
public sealed class KafkaCluster : IDisposable
{
    private readonly string _command = Path.Combine(Environment.GetEnvironmentVariable("KAFKA_HOME")!, "cluster");
    private readonly string _folder = Directory.CreateTempSubdirectory("edge-kafka-").FullName;

    /// <param name="brokers">1 or 3 (then with replication factor 3 and min.insync.replicas 2).</param>
    /// <param name="port">First port of the brokers; 0 = free ones.</param>
    /// <param name="settings">Further <c>key=value</c> of the brokers.</param>
    public KafkaCluster(int brokers = 1, int port = 0, params string[] settings)
    {
        try
        {
            // A file, not a pipe: the brokers inherit the output and would keep a pipe open.
            string output = Path.Combine(_folder, "start.out");
            Run($"start '{_folder}/data' --brokers {brokers} {(port > 0 ? $"--port {port}" : "")} {string.Join(' ', settings.Select(setting => $"--set '{setting}'"))} > '{output}' 2> '{output}.err'");
            BootstrapServers = File.ReadAllLines(output).Last(line => line.Contains(':', StringComparison.Ordinal)).Trim().Split(' ', '=')[^1];
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public string BootstrapServers { get; } = "";

    /// <summary>A cluster whose clients reach broker N at the N-th port, where a proxy stands; the brokers reach each other directly.</summary>
    /// <param name="advertised">Port of the proxy before each broker.</param>
    /// <param name="upstream">Told the 0-based broker and its own port before clients come.</param>
    public static KafkaCluster Behind(IReadOnlyList<int> advertised, Action<int, int> upstream)
    {
        var cluster = new KafkaCluster(advertised.Count);
        try
        {
            cluster.Run($"stop '{cluster._folder}/data' > /dev/null 2>&1");
            string[] brokers = cluster.BootstrapServers.Split(',');
            for (int i = 0; i < brokers.Length; i++)
            {
                int port = int.Parse(brokers[i].Split(':')[1], System.Globalization.CultureInfo.InvariantCulture), own = Network.FreePort.Take();
                upstream(i, port);
                string file = Path.Combine(cluster._folder, "data", $"{i + 1}", "server.properties");
                string controller = File.ReadAllLines(file).First(line => line.StartsWith("listeners=", StringComparison.Ordinal)).Split(',')[1];
                File.AppendAllLines(file,
                [
                    $"listeners=PLAINTEXT://127.0.0.1:{port},{controller},INTERNAL://127.0.0.1:{own}",
                    $"advertised.listeners=PLAINTEXT://127.0.0.1:{advertised[i]},INTERNAL://127.0.0.1:{own}",
                    "inter.broker.listener.name=INTERNAL",
                    "listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,INTERNAL:PLAINTEXT",
                    "transaction.abort.timed.out.transaction.cleanup.interval.ms=1000",
                ]);
            }
            cluster.Run($"start '{cluster._folder}/data' > /dev/null 2>&1");
            return cluster;
        }
        catch
        {
            cluster.Dispose();
            throw;
        }
    }

    /// <summary>SIGKILL of the broker.</summary>
    public void Kill(int broker = 1) => Run($"kill '{_folder}/data' {broker} > /dev/null 2>&1");

    public void StartAgain(int broker = 1) => Run($"start-broker '{_folder}/data' {broker} > /dev/null 2>&1");

    /// <summary>SIGSTOP: its connections stay open and nothing answers.</summary>
    public void Freeze(int broker = 1) => Run($"pause '{_folder}/data' {broker} > /dev/null 2>&1");

    public void Thaw(int broker = 1) => Run($"resume '{_folder}/data' {broker} > /dev/null 2>&1");

    public void Dispose()
    {
        try
        {
            Run($"stop '{_folder}/data' > /dev/null 2>&1");
        }
        finally
        {
            Directory.Delete(_folder, recursive: true);
        }
    }

    private void Run(string arguments)
    {
        using var process = Process.Start("/bin/sh", ["-c", $"'{_command}' {arguments}"]);
        if (!process.WaitForExit(TimeSpan.FromSeconds(90))) process.Kill(entireProcessTree: true);
        if (process.ExitCode != 0) throw new InvalidOperationException($"cluster {arguments}: exit code {process.ExitCode}.");
    }
}
