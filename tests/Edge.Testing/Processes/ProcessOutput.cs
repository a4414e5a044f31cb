namespace Edge.Testing.Processes;

/// <summary>The last lines a process printed, for a failure's message. Bounded, thread-safe.</summary>
public sealed class ProcessOutput
{
    private const int MaxLines = 2000;

    private readonly Queue<string> _lines = new();

    /// <summary>Raised for each line, on the thread that read it.</summary>
    public event Action<string>? Line;

    public void Add(string source, string line)
    {
        lock (_lines)
        {
            _lines.Enqueue($"{source}| {line}");
            if (_lines.Count > MaxLines) _lines.Dequeue();
        }
        Line?.Invoke(line);
    }

    public bool Contains(string text)
    {
        lock (_lines) return _lines.Any(line => line.Contains(text, StringComparison.OrdinalIgnoreCase));
    }

    public override string ToString()
    {
        lock (_lines) return string.Join('\n', _lines);
    }
}
