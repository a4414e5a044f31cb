namespace Edge.CloudSync.Cursors;

/// <summary>Order of what one partition has in flight: the cursor moves only over the contiguous prefix that is confirmed.</summary>
/// <remarks>Entries are numbered in the order they were sent. The forwarder adds, the client's poll thread confirms; both through the lock. A ring that
/// doubles as needed and is bounded by the forwarder's in-flight limits.</remarks>
internal sealed class CursorTracker
{
    private readonly Lock _lock = new();
    private Entry[] _ring = new Entry[64];
    private long _head, _tail; // numbers of the oldest entry and of the next one
    private long _next, _previous;

    private struct Entry
    {
        public long Sent, Next, IngestSequence;
        public bool Confirmed;
    }

    public CursorTracker(long next, long previous) => (_next, _previous) = (next, previous);

    /// <summary>First offset that is not confirmed.</summary>
    public long Next { get { lock (_lock) return _next; } }

    /// <summary>Offset confirmed last; -1 when there is none.</summary>
    public long Previous { get { lock (_lock) return _previous; } }

    public int InFlight { get { lock (_lock) return (int)(_tail - _head); } }

    /// <summary>Notes a record handed to the client.</summary>
    /// <returns>Its number, for <see cref="Confirm"/>.</returns>
    public long Add(long offset, long ingestSequence) => Append(offset, offset + 1, ingestSequence, confirmed: false);

    /// <summary>Notes a range that needs no record of its own but a message elsewhere (a gap record): confirmed like a record, and no link of the chain.</summary>
    public long AddRange(long next, long ingestSequence) => Append(-1, next, ingestSequence, confirmed: false);

    /// <summary>Moves over offsets nothing is sent for: control batches, holes.</summary>
    public void Skip(long next)
    {
        lock (_lock)
        {
            if (_tail == _head) _next = Math.Max(_next, next);
            else Append(-1, next, ingestSequence: 0, confirmed: true);
        }
    }

    /// <summary>The centre has it. Numbers below the head are ignored: a late report of what was confirmed already.</summary>
    public void Confirm(long number)
    {
        lock (_lock)
        {
            if (number < _head || number >= _tail) return;
            _ring[number & (_ring.Length - 1)].Confirmed = true;
            while (_head < _tail)
            {
                ref Entry entry = ref _ring[_head & (_ring.Length - 1)];
                if (!entry.Confirmed) return;
                _next = Math.Max(_next, entry.Next);
                if (entry.Sent >= 0) _previous = entry.Sent;
                _head++;
            }
        }
    }

    /// <summary>Cursor and the frame to read on from.</summary>
    /// <param name="idleSequence">Frame to name when nothing is in flight: everything before it was looked at.</param>
    public (long Next, long Previous, long IngestSequence) Read(long idleSequence)
    {
        lock (_lock)
        {
            long sequence = idleSequence;
            for (long number = _head; number < _tail; number++)
            {
                ref Entry entry = ref _ring[number & (_ring.Length - 1)];
                if (entry.Confirmed) continue; // the oldest is never confirmed; skips inside carry no frame
                sequence = entry.IngestSequence;
                break;
            }
            return (_next, _previous, sequence);
        }
    }

    /// <summary>Takes back the newest entry: the client did not accept it.</summary>
    public void RemoveLast(long number)
    {
        lock (_lock)
            if (_tail - 1 == number && number >= _head) _tail--;
    }

    /// <summary>Sets the cursor itself: what a transaction committed, or where the centre says to go on. Nothing may be in flight.</summary>
    public void MoveTo(long next, long previous)
    {
        lock (_lock) (_next, _previous, _head) = (next, previous, _tail);
    }

    /// <summary>Forgets what is in flight: it will be sent again from the cursor.</summary>
    public void Rewind()
    {
        lock (_lock) _head = _tail;
    }

    private long Append(long sent, long next, long ingestSequence, bool confirmed)
    {
        lock (_lock)
        {
            if (_tail - _head == _ring.Length)
            {
                var larger = new Entry[_ring.Length * 2];
                for (long number = _head; number < _tail; number++) larger[number & (larger.Length - 1)] = _ring[number & (_ring.Length - 1)];
                _ring = larger;
            }
            _ring[_tail & (_ring.Length - 1)] = new Entry { Sent = sent, Next = next, IngestSequence = ingestSequence, Confirmed = confirmed };
            return _tail++;
        }
    }
}
