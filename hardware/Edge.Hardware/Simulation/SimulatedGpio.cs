using Edge.Hardware.Buses;
using Edge.Hardware.Gpio;

namespace Edge.Hardware.Simulation;

/// <summary>GPIO lines in memory, by name. Behaves as the kernel does: sequence numbers count every edge, a full ring loses the oldest.</summary>
internal sealed class SimulatedGpio(TimeProvider timeProvider)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, bool> _levels = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, Lines> _held = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Told of every write to an output: line, raw level.</summary>
    public Action<string, bool>? Written { get; set; }

    /// <summary>What a line reads that something outside holds: null when nothing does.</summary>
    public Func<string, bool?>? HeldFromOutside { get; set; }

    private readonly long _start = timeProvider.GetTimestamp();

    /// <summary>Its monotonic clock, nanoseconds; begins at 10 s as a machine that has just started.</summary>
    public long Now() => 10_000_000_000 + (timeProvider.GetElapsedTime(_start).Ticks * 100);

    /// <summary>Raw level of a line.</summary>
    public bool Level(string line) { lock (_lock) return HeldFromOutside?.Invoke(line) ?? _levels.GetValueOrDefault(line); }

    /// <summary>Drives an input; at another time than now when a timestamp is given.</summary>
    public void Drive(string line, bool level, long? timeNs = null)
    {
        lock (_lock)
        {
            if (_levels.GetValueOrDefault(line) == level) return;
            _levels[line] = level;
            if (_held.TryGetValue(line, out Lines? holder)) holder.Edge(line, level, timeNs ?? Now());
        }
    }

    /// <summary>The line went to its other level and back too fast: its holder sees one edge, to the level it has already.</summary>
    public void Glitch(string line)
    {
        lock (_lock) if (_held.TryGetValue(line, out Lines? holder)) holder.Edge(line, _levels.GetValueOrDefault(line), Now());
    }

    public IGpioLines Open(GpioRequest request)
    {
        lock (_lock)
        {
            foreach (GpioLineName line in request.Lines)
                if (_held.TryGetValue(line.Shown, out Lines? holder)) throw new BusException(BusFault.InUse, $"line {line.Shown} is in use by '{holder.Request.Consumer}'");
            var lines = new Lines(this, request);
            foreach (GpioLineName line in request.Lines)
            {
                _held[line.Shown] = lines;
                if (request.IsOutput) Set(line.Shown, request.InitialValue != request.IsActiveLow);
                else if (request.Bias == GpioBias.PullUp && !_levels.ContainsKey(line.Shown)) _levels[line.Shown] = true;
            }
            return lines;
        }
    }

    private void Set(string line, bool level)
    {
        _levels[line] = level;
        Written?.Invoke(line, level);
    }

    private sealed unsafe class Lines : IGpioLines
    {
        private readonly SimulatedGpio _gpio;
        private readonly Queue<GpioEdge> _ring = new();
        private readonly uint[] _lineSequence;
        private uint _sequence;
        private int _handle = Libc.EventHandle(0, Libc.NonBlocking | Libc.CloseOnExec);

        public Lines(SimulatedGpio gpio, GpioRequest request)
        {
            (_gpio, Request) = (gpio, request);
            _lineSequence = new uint[request.Lines.Count];
        }

        public GpioRequest Request { get; }

        public int Handle => _handle;

        public bool Read(int index) => _gpio.Level(Request.Lines[index].Shown) != Request.IsActiveLow;

        public void Write(int index, bool value)
        {
            lock (_gpio._lock) _gpio.Set(Request.Lines[index].Shown, value != Request.IsActiveLow);
        }

        public void Edge(string line, bool level, long timeNs)
        {
            bool isRising = level != Request.IsActiveLow;
            if (!(isRising ? Request.RisingEdges : Request.FallingEdges)) return;
            int index = Request.Lines.ToList().FindIndex(l => l.Shown.Equals(line, StringComparison.OrdinalIgnoreCase));
            if (_ring.Count >= GpioRequest.EventBuffer) _ring.Dequeue();
            _ring.Enqueue(new(index, isRising, timeNs, ++_sequence, ++_lineSequence[index]));
            ulong one = 1;
            _ = Libc.Write(_handle, (byte*)&one, 8);
        }

        public int ReadEdges(Span<GpioEdge> edges)
        {
            lock (_gpio._lock)
            {
                int count = 0;
                while (count < edges.Length && _ring.TryDequeue(out GpioEdge edge)) edges[count++] = edge;
                ulong waiting;
                if (_ring.Count == 0) _ = Libc.Read(_handle, (byte*)&waiting, 8);
                return count;
            }
        }

        public void Dispose()
        {
            lock (_gpio._lock)
            {
                foreach (GpioLineName line in Request.Lines) if (_gpio._held.TryGetValue(line.Shown, out Lines? holder) && ReferenceEquals(holder, this)) _gpio._held.Remove(line.Shown);
                if (_handle >= 0) _ = Libc.Close(_handle);
                _handle = -1;
            }
        }
    }
}
