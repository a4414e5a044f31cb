using System.CommandLine;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Edge.Host.Demo;

/// <summary><c>edge demo child VERB …</c>: runs another command of this program as a child that never outlives its parent.</summary>
/// <remarks>Its standard input is a pipe of the parent's. When that ends, however the parent ended, the child stops as on SIGTERM.
/// It leaves the terminal's process group, so that Ctrl-C reaches the parent alone and the parent decides the order of the end.</remarks>
internal static partial class DemoChild
{
    private const int SigTerm = 15;
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(20);

    public static Command Create()
    {
        var rest = new Argument<string[]>("arguments") { Arity = ArgumentArity.OneOrMore };
        var command = new Command("child", "Runs a command until standard input ends.") { Hidden = true };
        command.Arguments.Add(rest);
        command.SetAction((result, cancellationToken) =>
        {
            _ = SetSession();
            new Thread(WaitForParent) { IsBackground = true, Name = "parent watch" }.Start();
            // Signals are handled by the invocation around this one, which cancels the token.
            return result.RootCommandResult.Command.Parse(result.GetValue(rest)!).InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null }, cancellationToken);
        });
        return command;
    }

    private static void WaitForParent()
    {
        using Stream input = Console.OpenStandardInput();
        byte[] buffer = new byte[64];
        try { while (input.Read(buffer) > 0) { } }
        catch (IOException) { }
        _ = SendSignal(Environment.ProcessId, SigTerm);
        Thread.Sleep(StopTimeout);
        Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"The parent is gone and this process did not end within {StopTimeout.TotalSeconds:0} s: it ends now."));
        Environment.Exit(1);
    }

    [LibraryImport("libc", EntryPoint = "setsid")]
    private static partial int SetSession();

    [LibraryImport("libc", EntryPoint = "kill")]
    internal static partial int SendSignal(int pid, int signal);
}
