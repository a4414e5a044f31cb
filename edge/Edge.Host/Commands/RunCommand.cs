using System.Collections;
using System.CommandLine;
using System.Runtime.InteropServices;
using Edge.Host.Composition;
using Edge.Host.Configuration;
using Edge.Log;
using Microsoft.Extensions.Logging;

namespace Edge.Host.Commands;

/// <summary><c>edge run</c> and <c>edge hub</c>.</summary>
internal static class RunCommand
{
    /// <summary>A stop that takes longer than this is cut short: what was acknowledged is durable already.</summary>
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(30);

    public static Command Create(Shell shell, bool isHub)
    {
        Command command = isHub
            ? new("hub", "Run a stand-in centre: an appliance without uplink and sensors that makes every topic it is sent.")
            : new("run", "Run the appliance. Prints {\"ready\":true,…} with its ports once a publish would be acknowledged.");
        command.Add(CommonOptions.Config);
        command.Add(CommonOptions.Data);
        command.Add(CommonOptions.Set);
        command.SetAction((parsed, cancellationToken) => RunAsync(shell, Input(parsed, isHub), cancellationToken));
        return command;
    }

    /// <summary>What the configuration of a command line is made of. <c>--data</c> is a shorthand of <c>--set Data:Directory=</c>.</summary>
    public static ConfigInput Input(ParseResult parsed, bool isHub)
    {
        List<string> settings = [.. parsed.GetValue(CommonOptions.Set) ?? []];
        if (parsed.GetValue(CommonOptions.Data) is { } data) settings.Insert(0, $"Data:Directory={data}");
        return new ConfigInput(parsed.GetValue(CommonOptions.Config), Environment.GetEnvironmentVariables(), settings, isHub);
    }

    public static async Task<int> RunAsync(Shell shell, ConfigInput input, CancellationToken cancellationToken)
    {
        EdgeOptions options = ConfigLoader.Load(input).Options;
        using ILoggerFactory loggers = LoggerFactory.Create(logging =>
        {
            logging.SetMinimumLevel(options.LogLevel).AddFilter("Microsoft", options.LogLevel > LogLevel.Warning ? options.LogLevel : LogLevel.Warning);
            logging.AddFilter("Microsoft.Extensions.Hosting", LogLevel.None); // what fails to start is said once, by us
            logging.AddProvider(new StandardErrorLoggerProvider(shell.TimeProvider, shell.Error));
        });
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        int signals = 0;
        using PosixSignalRegistration term = PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal), interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal);
        using PosixSignalRegistration hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, context =>
        {
            context.Cancel = true; // not the end: re-reading the configuration comes with a later version
            shell.Message("SIGHUP: the configuration is read at start only; restart to apply changes.");
        });

        Appliance appliance;
        try { appliance = await Appliance.StartAsync(options, shell.TimeProvider, loggers, stop.Token).ConfigureAwait(false); }
        catch (OperationCanceledException) when (stop.IsCancellationRequested) { return ExitCode.Done; }
        catch (EdgeException e) { throw new CommandException(ExitCode.Unreachable, e.Message); }

        shell.Line($"{{\"ready\":true,{string.Join(',', appliance.Ports.Select(static p => $"\"{p.Key}\":{p.Value}"))}}}");
        Systemd.Notify("READY=1");
        int exitCode = await WaitAsync(appliance, options, shell, stop.Token).ConfigureAwait(false);
        Systemd.Notify("STOPPING=1");
        try { await appliance.DisposeAsync().AsTask().WaitAsync(StopLimit, shell.TimeProvider, CancellationToken.None).ConfigureAwait(false); }
        catch (TimeoutException)
        {
            shell.Message($"stopping took longer than {StopLimit.TotalSeconds} s and is cut short; what was acknowledged is safe.");
            Environment.Exit(ExitCode.Unreachable);
        }
        return exitCode;

        void OnSignal(PosixSignalContext context)
        {
            context.Cancel = true;
            if (Interlocked.Increment(ref signals) == 1) stop.Cancel();
            else Environment.Exit(128 + (context.Signal == PosixSignal.SIGINT ? 2 : 15)); // asked twice: now
        }
    }

    /// <summary>Until a signal; with <c>Storage:OnFailure=exit</c> also until the journal is fenced.</summary>
    private static async Task<int> WaitAsync(Appliance appliance, EdgeOptions options, Shell shell, CancellationToken stop)
    {
        var stopped = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using CancellationTokenRegistration registration = stop.Register(stopped.SetResult);
        if (options.OnStorageFailure == StorageFailurePolicy.Exit && await Task.WhenAny(stopped.Task, appliance.StorageFailed).ConfigureAwait(false) != stopped.Task)
        {
            shell.Message($"Storage:OnFailure is exit: {(await appliance.StorageFailed.ConfigureAwait(false)).Message}");
            return ExitCode.Unreachable;
        }
        await stopped.Task.ConfigureAwait(false);
        return ExitCode.Done;
    }
}
