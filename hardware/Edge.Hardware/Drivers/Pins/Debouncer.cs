namespace Edge.Hardware.Drivers.Pins;

/// <summary>Takes a change for true once the line has kept its new level for a while. Goes by the kernel's timestamps, so a busy process does not matter.</summary>
internal sealed class Debouncer(long stableNs)
{
    private bool _level, _candidate;
    private long _candidateAt;
    private uint _candidateSequence;
    private bool _hasCandidate;

    /// <summary>Level changes that did not last.</summary>
    public long Bounces { get; private set; }

    public bool Level => _level;

    public bool IsWaiting => _hasCandidate;

    public void Start(bool level) => (_level, _hasCandidate) = (level, false);

    /// <summary>An edge; returns the change before it that has lasted long enough, if there is one.</summary>
    public (bool Level, long TimeNs, uint Sequence)? OnEdge(bool level, long timeNs, uint sequence)
    {
        (bool, long, uint)? settled = OnTime(timeNs);
        if (_hasCandidate && level != _candidate)
        {
            Bounces++;
            _hasCandidate = level != _level;
        }
        if (level == _level) { _hasCandidate = false; return settled; }
        if (_hasCandidate) Bounces++; // the same level again: the edge in between was lost, the time starts anew
        (_hasCandidate, _candidate, _candidateAt, _candidateSequence) = (true, level, timeNs, sequence);
        return settled;
    }

    /// <summary>Time passed: the change that has lasted long enough, if there is one.</summary>
    public (bool Level, long TimeNs, uint Sequence)? OnTime(long nowNs)
    {
        if (!_hasCandidate || nowNs - _candidateAt < stableNs) return null;
        _hasCandidate = false;
        _level = _candidate;
        return (_candidate, _candidateAt, _candidateSequence);
    }
}
