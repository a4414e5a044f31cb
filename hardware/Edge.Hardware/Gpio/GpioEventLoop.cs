using Edge.Hardware.Buses;

namespace Edge.Hardware.Gpio;

/// <summary>One thread for the edges of all lines: waits for any of them, hands each to its owner, and gives owners a tick for what needs time to pass.</summary>
internal sealed unsafe class GpioEventLoop : IDisposable
{
    /// <summary>Longest time between two ticks; what waits for a time to pass (debouncing) waits this much longer at most.</summary>
    private const int TickMs = 20, IdleMs = 500;

    private readonly Lock _lock = new();
    private readonly List<(IGpioLines Lines, Action OnReadable, Func<bool> OnTick)> _owners = [];
    private readonly int _wake = Libc.EventHandle(0, Libc.NonBlocking | Libc.CloseOnExec);
    private Thread? _thread;
    private volatile bool _isDisposed;

    /// <param name="onReadable">Called when edges wait; must read them.</param>
    /// <param name="onTick">Called at least every 500 ms; true asks for the next one within 20 ms.</param>
    /// <returns>Ends it; no call comes after it returned.</returns>
    public IDisposable Add(IGpioLines lines, Action onReadable, Func<bool> onTick)
    {
        var owner = (lines, onReadable, onTick);
        lock (_lock)
        {
            _owners.Add(owner);
            if (_thread is null)
            {
                _thread = new Thread(Run) { IsBackground = true, Name = "gpio edges", Priority = ThreadPriority.AboveNormal };
                _thread.Start();
            }
        }
        Wake();
        return new Registration(this, lines);
    }

    public void Dispose()
    {
        _isDisposed = true;
        Wake();
        _thread?.Join(TimeSpan.FromSeconds(2));
        if (_wake >= 0) _ = Libc.Close(_wake);
    }

    private void Run()
    {
        bool soon = false;
        while (!_isDisposed)
        {
            Libc.PollDescriptor[] descriptors;
            lock (_lock)
            {
                descriptors = new Libc.PollDescriptor[_owners.Count + 1];
                for (int i = 0; i < _owners.Count; i++) descriptors[i + 1] = new() { Handle = _owners[i].Lines.Handle, Events = Libc.PollIn };
            }
            descriptors[0] = new() { Handle = _wake, Events = Libc.PollIn };
            fixed (Libc.PollDescriptor* first = descriptors) _ = Libc.Poll(first, (nuint)descriptors.Length, soon ? TickMs : IdleMs);
            if (descriptors[0].Happened != 0)
            {
                ulong count;
                _ = Libc.Read(_wake, (byte*)&count, 8);
            }
            soon = Dispatch(descriptors);
        }
    }

    private bool Dispatch(Libc.PollDescriptor[] descriptors)
    {
        bool soon = false;
        lock (_lock) // an owner that removes itself waits here, so that nothing is called after that
        {
            foreach ((IGpioLines Lines, Action OnReadable, Func<bool> OnTick) owner in _owners.ToArray())
            {
                try
                {
                    foreach (Libc.PollDescriptor descriptor in descriptors.AsSpan(1))
                        if (descriptor.Handle == owner.Lines.Handle && descriptor.Happened != 0) owner.OnReadable();
                    soon |= owner.OnTick();
                }
                catch (Exception) // a line that fails for good would be readable for ever; its owner has noted why
                {
                    _owners.Remove(owner);
                }
            }
        }
        return soon;
    }

    private void Remove(IGpioLines lines)
    {
        lock (_lock) _owners.RemoveAll(o => ReferenceEquals(o.Lines, lines));
        Wake();
    }

    private void Wake()
    {
        ulong one = 1;
        if (_wake >= 0) _ = Libc.Write(_wake, (byte*)&one, 8);
    }

    private sealed class Registration(GpioEventLoop loop, IGpioLines lines) : IDisposable
    {
        public void Dispose() => loop.Remove(lines);
    }
}
