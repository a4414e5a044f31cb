using System.Collections.Concurrent;
using Edge.Kafka.Protocol;
using Microsoft.Extensions.Logging;

namespace Edge.Kafka.Groups;

/// <summary>All consumer groups that have members. Bounded in groups, members and bytes.</summary>
internal sealed class GroupCoordinator : IDisposable
{
    /// <summary>Subscriptions and assignments of all members, together.</summary>
    internal const long MaxBytes = 32 << 20;
    internal const int MaxGroupIdLength = 1024, MaxMemberBytes = 256 << 10;
    private static readonly TimeSpan ExpireInterval = TimeSpan.FromMilliseconds(50);
    private readonly ConcurrentDictionary<string, ConsumerGroup> _groups = new(StringComparer.Ordinal);
    private readonly Lock _timerLock = new();
    private readonly KafkaOptions _options;
    private readonly TimeProvider _timeProvider;
    private readonly ILogger _logger;
    private ITimer? _timer;
    private long _sizeBytes;

    public GroupCoordinator(KafkaOptions options, TimeProvider timeProvider, ILogger logger) => (_options, _timeProvider, _logger) = (options, timeProvider, logger);

    public static bool IsValidGroupId(string groupId) => groupId.Length is > 0 and <= MaxGroupIdLength;

    public async Task<JoinResult> JoinAsync(JoinRequest request, CancellationToken cancellationToken)
    {
        if (!IsValidGroupId(request.GroupId)) return JoinResult.Failed(ErrorCode.InvalidGroupId, request.MemberId);
        if (request.SessionTimeout < _options.GroupMinSessionTimeout || request.SessionTimeout > _options.GroupMaxSessionTimeout)
            return JoinResult.Failed(ErrorCode.InvalidSessionTimeout, request.MemberId);
        long size = request.Protocols.Sum(p => (long)p.Metadata.Length);
        if (size > MaxMemberBytes || Volatile.Read(ref _sizeBytes) + size > MaxBytes) return JoinResult.Failed(ErrorCode.GroupMaxSizeReached, request.MemberId);
        while (true)
        {
            if (!_groups.TryGetValue(request.GroupId, out ConsumerGroup? group))
            {
                if (request.MemberId.Length > 0) return JoinResult.Failed(ErrorCode.UnknownMemberId, request.MemberId);
                if (_groups.Count >= _options.MaxGroups) return JoinResult.Failed(ErrorCode.GroupMaxSizeReached, request.MemberId);
                group = _groups.GetOrAdd(request.GroupId, id => new ConsumerGroup(id, _options, _timeProvider, _logger));
            }
            if (group.Join(request) is not { } joined)
            {
                _groups.TryRemove(KeyValuePair.Create(request.GroupId, group));
                continue; // it was retired between the two lines
            }
            Interlocked.Add(ref _sizeBytes, size); // corrected by the next walk over the groups
            EnsureTimer();
            return await joined.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    public async Task<SyncResult> SyncAsync(SyncRequest request, CancellationToken cancellationToken)
    {
        if (!_groups.TryGetValue(request.GroupId, out ConsumerGroup? group)) return SyncResult.Failed(ErrorCode.UnknownMemberId);
        long size = request.Assignments.Sum(a => (long)a.Value.Length);
        if (Volatile.Read(ref _sizeBytes) + size > MaxBytes) return SyncResult.Failed(ErrorCode.GroupMaxSizeReached);
        Interlocked.Add(ref _sizeBytes, size);
        return await group.Sync(request).WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    public ErrorCode Heartbeat(string groupId, string memberId, string? instanceId, int generation) =>
        _groups.TryGetValue(groupId, out ConsumerGroup? group) ? group.Heartbeat(memberId, instanceId, generation) : ErrorCode.UnknownMemberId;

    public ErrorCode Leave(string groupId, in LeavingMember member) =>
        _groups.TryGetValue(groupId, out ConsumerGroup? group) ? group.Leave(member) : ErrorCode.UnknownMemberId;

    /// <summary>May offsets be committed for that group by that member? Without members a commit needs no generation (a "simple" consumer).</summary>
    public ErrorCode CheckCommit(string groupId, string memberId, string? instanceId, int generation)
    {
        if (!IsValidGroupId(groupId)) return ErrorCode.InvalidGroupId;
        if (_groups.TryGetValue(groupId, out ConsumerGroup? group)) return group.CheckCommit(memberId, instanceId, generation);
        return generation < 0 ? ErrorCode.None : ErrorCode.IllegalGeneration;
    }

    public bool TryDescribe(string groupId, out DescribedGroup group)
    {
        group = null!;
        if (!_groups.TryGetValue(groupId, out ConsumerGroup? found)) return false;
        group = found.Describe();
        return group.State != GroupState.Dead;
    }

    public List<DescribedGroup> DescribeAll() => [.. _groups.Values.Select(g => g.Describe()).Where(g => g.State != GroupState.Dead)];

    /// <summary>Ends time-outs, forgets empty groups; the timer runs only while there are groups.</summary>
    internal void ExpireAll()
    {
        long size = 0;
        foreach ((string id, ConsumerGroup group) in _groups)
        {
            group.Expire();
            if (group.TryRetire()) _groups.TryRemove(KeyValuePair.Create(id, group));
            else size += group.SizeBytes;
        }
        Volatile.Write(ref _sizeBytes, size);
        lock (_timerLock)
        {
            if (!_groups.IsEmpty) return;
            _timer?.Dispose();
            _timer = null;
        }
    }

    public void Dispose()
    {
        lock (_timerLock)
        {
            _timer?.Dispose();
            _timer = null;
        }
    }

    private void EnsureTimer()
    {
        lock (_timerLock) _timer ??= _timeProvider.CreateTimer(_ => ExpireAll(), null, ExpireInterval, ExpireInterval);
    }
}
