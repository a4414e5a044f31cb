using System.Diagnostics;
using Xunit;

namespace Edge.Kafka.Tests.Interop;

/// <summary>A test that needs kcat; skipped, with the reason, where it is not installed.</summary>
internal sealed class KcatFactAttribute : FactAttribute
{
    public KcatFactAttribute()
    {
        if (Tools.Find("kcat") is null) Skip = "kcat is not installed (Debian package kcat).";
    }
}

/// <summary>A test that needs Python with the kafka module; skipped, with the reason, where there is none.</summary>
internal sealed class PythonKafkaFactAttribute : FactAttribute
{
    public PythonKafkaFactAttribute()
    {
        if (Tools.PythonWithKafka is null) Skip = "python3 cannot import kafka (Debian package python3-kafka).";
    }
}

/// <summary>A test that needs Apache Kafka's own tools; skipped, with the reason, where they or Java are missing.</summary>
internal sealed class KafkaHomeFactAttribute : FactAttribute
{
    public KafkaHomeFactAttribute()
    {
        if (Tools.KafkaHome is null) Skip = "KAFKA_HOME does not name a Kafka distribution.";
        else if (Tools.Find("java") is null) Skip = "java is not installed (Debian package openjdk-17-jre-headless).";
    }
}

/// <summary>Programs that others wrote, found in PATH.</summary>
internal static class Tools
{
    private static readonly Lazy<string?> Python = new(() => FindAll("python3").FirstOrDefault(p => RunAsync(p, ["-c", "import kafka"], "").GetAwaiter().GetResult().ExitCode == 0));

    public static string? KafkaHome => Environment.GetEnvironmentVariable("KAFKA_HOME") is { Length: > 0 } home && File.Exists(Path.Combine(home, "bin", "kafka-topics.sh")) ? home : null;

    public static string? PythonWithKafka => Python.Value;

    public static string? Find(string name) => FindAll(name).FirstOrDefault();

    /// <summary>Runs to the end; killed with everything it started when it takes too long.</summary>
    public static async Task<(int ExitCode, string Output, string Errors)> RunAsync(string program, IEnumerable<string> arguments, string input)
    {
        var start = new ProcessStartInfo(program) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        foreach (string argument in arguments) start.ArgumentList.Add(argument);
        using Process process = Process.Start(start)!;
        using var deadline = new CancellationTokenSource(KafkaHarness.Deadline);
        try
        {
            Task<string> output = process.StandardOutput.ReadToEndAsync(deadline.Token), errors = process.StandardError.ReadToEndAsync(deadline.Token);
            await process.StandardInput.WriteAsync(input.AsMemory(), deadline.Token).ConfigureAwait(false);
            process.StandardInput.Close();
            await process.WaitForExitAsync(deadline.Token).ConfigureAwait(false);
            return (process.ExitCode, await output.ConfigureAwait(false), await errors.ConfigureAwait(false));
        }
        finally
        {
            if (!process.HasExited) process.Kill(entireProcessTree: true);
        }
    }

    private static IEnumerable<string> FindAll(string name) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Where(d => d.Length > 0).Select(d => Path.Combine(d, name)).Where(File.Exists);
}
