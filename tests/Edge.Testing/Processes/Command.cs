using System.Diagnostics;
using System.Text;

namespace Edge.Testing.Processes;

/// <summary>Runs a program to its end.</summary>
public static class Command
{
    /// <param name="input">Given to its standard input, which is then closed.</param>
    /// <exception cref="TimeoutException">It did not end in time; it was killed. The message has what it had printed.</exception>
    public static async Task<CommandResult> RunAsync(string program, IEnumerable<string> arguments, byte[]? input = null, TimeSpan? timeout = null, string? workingDirectory = null,
        IReadOnlyDictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo(program)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Encoding.UTF8,
            WorkingDirectory = workingDirectory ?? "",
        };
        foreach (string argument in arguments) start.ArgumentList.Add(argument);
        foreach ((string name, string value) in environment ?? new Dictionary<string, string>()) start.Environment[name] = value;
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(), error = process.StandardError.ReadToEndAsync();
        try { if (input is not null) await process.StandardInput.BaseStream.WriteAsync(input).ConfigureAwait(false); }
        catch (IOException) { } // it did not want to read
        try { process.StandardInput.Close(); }
        catch (IOException) { }
        using var late = new CancellationTokenSource(timeout ?? TimeSpan.FromSeconds(30));
        try { await process.WaitForExitAsync(late.Token).ConfigureAwait(false); }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync().ConfigureAwait(false);
            throw new TimeoutException($"{program} {string.Join(' ', start.ArgumentList)} did not end in {timeout ?? TimeSpan.FromSeconds(30)}.\n{await output.ConfigureAwait(false)}\n{await error.ConfigureAwait(false)}");
        }
        return new CommandResult(process.ExitCode, await output.ConfigureAwait(false), await error.ConfigureAwait(false));
    }
}
