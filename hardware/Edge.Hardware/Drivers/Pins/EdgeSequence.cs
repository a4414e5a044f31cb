namespace Edge.Hardware.Drivers.Pins;

/// <summary>Follows the sequence numbers of a line: what is missing in between was lost, because nobody read it in time.</summary>
internal struct EdgeSequence
{
    private uint _last;
    private bool _hasLast;

    /// <summary>Edges the kernel had no room for, in all.</summary>
    public long Lost { get; private set; }

    /// <summary>Edges the kernel saw, lost ones included.</summary>
    public long Seen { get; private set; }

    /// <summary>How many were lost between the edge before and this one. The kernel counts from 1; numbers wrap at 2^32.</summary>
    public uint Next(uint sequence)
    {
        uint step = sequence - (_hasLast ? _last : 0);
        (_last, _hasLast) = (sequence, true);
        if (step is 0 or > int.MaxValue) return 0; // not of this request
        Lost += step - 1;
        Seen += step;
        return step - 1;
    }

    /// <summary>A new request counts from 1 again.</summary>
    public void Restart() => (_last, _hasLast) = (0, false);
}
