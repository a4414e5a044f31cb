namespace Edge.Hardware.Gpio;

/// <summary>One or more requested lines of one chip. Held until disposed: nobody else can drive them.</summary>
internal interface IGpioLines : IDisposable
{
    /// <summary>Becomes readable when edges wait.</summary>
    int Handle { get; }

    /// <summary>Level of a line, active-low already applied.</summary>
    bool Read(int index);

    void Write(int index, bool value);

    /// <summary>Takes edges that wait; never blocks when <see cref="Handle"/> is readable.</summary>
    int ReadEdges(Span<GpioEdge> edges);
}

/// <summary>One edge as the kernel saw it.</summary>
/// <param name="Index">Which line of the request.</param>
/// <param name="TimeNs">CLOCK_MONOTONIC at the interrupt.</param>
/// <param name="Sequence">Of the request, counts every edge, also those the kernel had no room for.</param>
/// <param name="LineSequence">The same of the line alone.</param>
internal readonly record struct GpioEdge(int Index, bool IsRising, long TimeNs, uint Sequence, uint LineSequence);

/// <summary>What is asked of the lines.</summary>
internal sealed record GpioRequest(IReadOnlyList<GpioLineName> Lines, string Consumer)
{
    /// <summary>Most edges the kernel keeps while nobody reads: GPIO_V2_LINES_MAX * 16.</summary>
    public const int EventBuffer = 1024;

    public bool IsOutput { get; init; }

    public bool IsActiveLow { get; init; }

    public bool InitialValue { get; init; }

    public GpioBias Bias { get; init; }

    public GpioDrive Drive { get; init; }

    public bool RisingEdges { get; init; }

    public bool FallingEdges { get; init; }
}

/// <summary>A line: the chip it is on, its number there, and what a person calls it.</summary>
internal readonly record struct GpioLineName(string Chip, int Offset, string Shown);

internal enum GpioBias : byte
{
    AsIs,
    None,
    PullUp,
    PullDown,
}

internal enum GpioDrive : byte
{
    PushPull,
    OpenDrain,
    OpenSource,
}
