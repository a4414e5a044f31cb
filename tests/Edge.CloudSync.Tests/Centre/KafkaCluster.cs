using System.Diagnostics;

namespace Edge.CloudSync.Tests.Centre;

/// <summary>One broker of Apache Kafka in a folder of its own; ends with the test.</summary>
public sealed class KafkaCluster : IDisposable
{
    private readonly string _command = Path.Combine(Environment.GetEnvironmentVariable("KAFKA_HOME")!, "cluster");
    private readonly string _folder = Directory.CreateTempSubdirectory("edge-kafka-").FullName;

    public KafkaCluster()
    {
        try
        {
            // A file, not a pipe: the brokers inherit the output and would keep a pipe open.
            string output = Path.Combine(_folder, "start.out");
            Run($"start '{_folder}/data' > '{output}' 2> '{output}.err'");
            BootstrapServers = File.ReadAllLines(output).Last(line => line.Contains(':', StringComparison.Ordinal)).Trim().Split(' ', '=')[^1];
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public string BootstrapServers { get; } = "";

    /// <summary>SIGKILL of the broker.</summary>
    public void Kill() => Run($"kill '{_folder}/data' 1 > /dev/null 2>&1");

    public void StartAgain() => Run($"start-broker '{_folder}/data' 1 > /dev/null 2>&1");

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
