using System.Globalization;
using Microsoft.Extensions.Logging;

namespace Edge.Host.Composition;

/// <summary>Writes one line per event to standard error. Under systemd the journal's own time and level prefix are used.</summary>
internal sealed class StandardErrorLogger(string category, TimeProvider timeProvider, TextWriter output, bool isJournald) : ILogger
{
    private static readonly string[] LevelNames = ["trace", "debug", "info", "warn", "error", "critical", "none"];
    private static readonly int[] SyslogLevels = [7, 7, 6, 4, 3, 2, 7];

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        string message = OneLine(formatter(state, exception));
        if (exception is not null) message += $" [{exception.GetType().Name}: {OneLine(exception.Message)}]";
        string line = isJournald
            ? $"<{SyslogLevels[(int)logLevel]}>{category}: {message}"
            : string.Create(CultureInfo.InvariantCulture, $"{timeProvider.GetUtcNow():yyyy-MM-ddTHH:mm:ss.fffZ} {LevelNames[(int)logLevel]} {category}: {message}");
        lock (output) output.WriteLine(line);
    }

    private static string OneLine(string text) => text.AsSpan().ContainsAny('\r', '\n') ? text.ReplaceLineEndings(" ") : text;
}

/// <summary>Makes <see cref="StandardErrorLogger"/>s.</summary>
internal sealed class StandardErrorLoggerProvider(TimeProvider timeProvider, TextWriter output) : ILoggerProvider
{
    private readonly bool _isJournald = Environment.GetEnvironmentVariable("JOURNAL_STREAM") is { Length: > 0 };

    public ILogger CreateLogger(string categoryName) => new StandardErrorLogger(categoryName, timeProvider, output, _isJournald);

    public void Dispose()
    {
    }
}
