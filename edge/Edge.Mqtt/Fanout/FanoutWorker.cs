using System.Text;
using Edge.Log.Readers;
using Edge.Mqtt.Connections;
using Edge.Mqtt.Sessions;
using Edge.Mqtt.Subscriptions;

namespace Edge.Mqtt.Fanout;

/// <summary>Reads the tail of the journal while somebody subscribes, and offers each record to whom it concerns.</summary>
internal sealed class FanoutWorker(MqttBroker broker) : IDisposable
{
    private readonly Utf8Map<MatchSet> _matches = new(8192);
    private readonly HashSet<MqttConnection> _touched = [];
    private readonly SemaphoreSlim _wake = new(0, 1);
    private readonly Lock _gate = new();
    private int _matchesVersion = -1;
    private bool _isReading;
    private long _startAt;
    private long _nextSequence, _offeredSequence;

    /// <summary>Everything before this ingest sequence was offered, or is being offered now.</summary>
    public long NextSequence => Volatile.Read(ref _nextSequence);

    /// <summary>Everything before this ingest sequence was offered to every session.</summary>
    public long OfferedSequence => Volatile.Read(ref _offeredSequence);

    /// <summary>Called before a subscription enters the trie: from now on the tail is followed.</summary>
    /// <returns>Ingest sequence from which on records count for the new subscription.</returns>
    public long Follow()
    {
        lock (_gate)
        {
            long sequence = broker.Journal.DurableSequence;
            if (_isReading) return sequence;
            _isReading = true;
            _startAt = sequence;
            Volatile.Write(ref _nextSequence, sequence);
            Volatile.Write(ref _offeredSequence, sequence);
            _wake.Release();
            return sequence;
        }
    }

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                await _wake.WaitAsync(cancellationToken).ConfigureAwait(false);
                using JournalReader reader = broker.OpenReader(_startAt);
                await FollowAsync(reader, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested) { }
    }

    public void Dispose() => _wake.Dispose();

    private async Task FollowAsync(JournalReader reader, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                while (reader.TryRead(out JournalEntry entry))
                {
                    Offer(entry);
                    Volatile.Write(ref _offeredSequence, entry.IngestSequence + 1);
                    FlushTouched();
                }
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                // One unreadable batch must not end delivery for everybody.
                broker.ReportFanoutFault(e);
                reader.Seek(Math.Max(reader.Position, NextSequence));
                await Task.Delay(TimeSpan.FromMilliseconds(100), broker.TimeProvider, cancellationToken).ConfigureAwait(false);
            }
            FlushTouched();
            lock (_gate)
            {
                if (broker.Trie.Count == 0 && broker.PendingSubscribes == 0)
                {
                    _isReading = false;
                    _matches.Clear();
                    return;
                }
            }
            await reader.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private void Offer(in JournalEntry entry)
    {
        // Published before any session is asked: a session that ends its catching up compares it under its lock.
        Volatile.Write(ref _nextSequence, entry.IngestSequence + 1);
        Interlocked.MemoryBarrier();
        int version = broker.Trie.Version;
        if (version != _matchesVersion)
        {
            _matches.Clear();
            _matchesVersion = version;
        }
        long nowMs = broker.NowMs();
        BatchRecords records = new(broker, entry);
        while (records.MoveNext())
        {
            OutgoingMessage message = records.Current;
            MatchSet? match = _matches.Find(message.Topic);
            if (match is null)
            {
                match = broker.Trie.Match(Encoding.UTF8.GetString(message.Topic));
                _matches.Set(message.Topic.ToArray(), match);
            }
            foreach ((MqttSession session, Subscription[] subscriptions) in match.Sessions)
                if (session.DeliverLive(message, subscriptions, nowMs) is { } connection) _touched.Add(connection);
            foreach (SharedGroup group in match.Groups) OfferToGroup(message, group, nowMs);
        }
    }

    private void OfferToGroup(scoped in OutgoingMessage message, SharedGroup group, long nowMs)
    {
        Subscription[] members = group.Members;
        for (int i = 0; i < members.Length; i++)
        {
            int next = (group.Next + i) % members.Length;
            if (!members[next].Session.TryDeliverShared(message, members[next], nowMs)) continue;
            group.Next = next + 1;
            return;
        }
        if (members.Length > 0 && message.Sequence >= members.Min(m => m.StartSequence)) broker.Statistics.AddDropped();
    }

    private void FlushTouched()
    {
        foreach (MqttConnection connection in _touched) connection.FlushDeliveries();
        _touched.Clear();
    }
}
