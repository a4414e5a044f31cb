using System.Collections.Concurrent;
using Confluent.Kafka;
using Edge.CloudSync.Centre;
using Microsoft.Extensions.Logging;

namespace Edge.CloudSync.Forwarding;

/// <summary>One producer from its making to its disposal. The first failure ends it: nothing is repaired in place, the next one starts at the cursors.</summary>
/// <remarks>The forwarder loop calls <see cref="TryProduce"/>; handlers run on the client's poll thread and only count, confirm and wake.</remarks>
internal sealed partial class ProducerSession : IDisposable
{
    private readonly SyncOptions _options;
    private readonly TimeProvider _time;
    private readonly WakeSignal _wake;
    private readonly ForwardCounters _counters;
    private readonly ILogger _logger;
    private readonly IProducer<byte[]?, byte[]?> _producer;
    private readonly IAdminClient _admin;
    private readonly ConcurrentQueue<InFlightRecord> _pool = new();
    private readonly Message<byte[]?, byte[]?> _message = new(); // the client copies it within Produce
    private long _inFlightRecords, _inFlightBytes, _lastProgress, _busySince, _suspectSince;
    private volatile string? _fault;
    private volatile bool _isExclusive, _isClosing;

    /// <exception cref="InvalidOperationException">A property of <c>Sync:Client</c> is unknown to librdkafka or contradicts ours.</exception>
    public ProducerSession(SyncOptions options, string deviceId, int batchBytes, TimeProvider time, WakeSignal wake, ForwardCounters counters, ILogger logger)
    {
        (_options, _time, _wake, _counters, _logger) = (options, time, wake, counters, logger);
        _lastProgress = time.GetTimestamp();
        _producer = new ProducerBuilder<byte[]?, byte[]?>(ClientSettings.Producer(options, deviceId, batchBytes))
            .SetErrorHandler(OnError).SetLogHandler(OnLog).Build();
        _admin = new DependentAdminClientBuilder(_producer.Handle).Build();
        Topics = new CentralTopics(_admin, options, deviceId, logger);
    }

    public CentralTopics Topics { get; }

    /// <summary>Why this session has to end; null while it is sound.</summary>
    public string? Fault => _fault;

    public long InFlightRecords => Interlocked.Read(ref _inFlightRecords);

    /// <summary>Something was confirmed: the centre works.</summary>
    public bool HasDelivered { get; private set; }

    /// <summary>A batch was refused for its size: the next session makes smaller ones.</summary>
    public bool WantsSmallerBatches { get; private set; }

    public bool HasRoom => !(_isExclusive && InFlightRecords > 0) && InFlightRecords < _options.MaxInFlightRecords
        && Interlocked.Read(ref _inFlightBytes) < _options.MaxInFlightBytes;

    /// <summary>Hands one message to the client. The arrays may be used again as soon as it returns.</summary>
    /// <param name="exclusive">Nothing else may be in flight with it: a refusal then names the culprit.</param>
    /// <returns>False when it cannot be taken now; see <see cref="Fault"/>. <see cref="ErrorCode.MsgSizeTooLarge"/> is told by <paramref name="isTooLarge"/>.</returns>
    public bool TryProduce(SourcePartition source, TopicPartition to, byte[]? key, byte[]? value, Headers headers, Timestamp timestamp, long offset, long next,
        long ingestSequence, int bytes, SentAs kind, bool exclusive, out bool isTooLarge)
    {
        isTooLarge = false;
        if (!_pool.TryDequeue(out InFlightRecord? record)) record = new InFlightRecord(this);
        // Noted before the call: the report may come before Produce returns. A call that is not accepted is taken back.
        (_message.Key, _message.Value, _message.Headers, _message.Timestamp) = (key, value, headers, timestamp);
        long number = kind == SentAs.Gap ? source.Tracker.AddRange(next, ingestSequence) : source.Tracker.Add(offset, ingestSequence);
        record.Set(source, number, offset, bytes, kind);
        _isExclusive = exclusive;
        // From idle to busy: the time without records is no stall.
        if (Interlocked.Increment(ref _inFlightRecords) == 1) Interlocked.Exchange(ref _busySince, _time.GetTimestamp());
        Interlocked.Add(ref _inFlightBytes, bytes);
        try
        {
            _producer.Produce(to, _message, record.Handler);
            return true;
        }
        catch (KafkaException e)
        {
            Interlocked.Decrement(ref _inFlightRecords);
            Interlocked.Add(ref _inFlightBytes, -bytes);
            source.Tracker.RemoveLast(number);
            isTooLarge = e.Error.Code == ErrorCode.MsgSizeTooLarge;
            if (isTooLarge || e.Error.Code == ErrorCode.Local_QueueFull) return false;
            Fail(e.Error.Reason);
            return false;
        }
    }

    /// <summary>The report of one message. On the poll thread.</summary>
    public void Complete(InFlightRecord record, Error error, long centralOffset)
    {
        long left = Interlocked.Decrement(ref _inFlightRecords);
        Interlocked.Add(ref _inFlightBytes, -record.Bytes);
        if (_isClosing) return;
        if (error.IsError) OnRefused(record, error);
        else if (centralOffset < 0) Fail("The centre took a record for a duplicate it does not know the offset of."); // assumed, not confirmed
        else OnConfirmed(record);
        // Half empty is soon enough: waking for each report would cost more than it gains.
        if (left == 0 || left == _options.MaxInFlightRecords / 2 || (left & 1023) == 0) _wake.Set();
        _pool.Enqueue(record);
    }

    /// <summary>Ends the session; the first reason stays.</summary>
    public void Fail(string reason)
    {
        if (_isClosing) return;
        Interlocked.CompareExchange(ref _fault, reason, null);
        _wake.Set();
    }

    /// <summary>Ends the session when nothing was confirmed for too long, or when the brokers are gone.</summary>
    /// <remarks>A client may not resume after a cut (librdkafka#5080): then a new one does.</remarks>
    public void Watch()
    {
        long now = _time.GetTimestamp();
        long progress = Interlocked.Read(ref _lastProgress), suspect = Interlocked.Read(ref _suspectSince);
        if (InFlightRecords > 0 && _time.GetElapsedTime(Math.Max(progress, Interlocked.Read(ref _busySince)), now) > _options.SocketTimeout * 2)
            Fail($"Nothing was confirmed for {_options.SocketTimeout * 2}.");
        else if (suspect > progress && (InFlightRecords == 0 || _time.GetElapsedTime(suspect, now) > TimeSpan.FromSeconds(3)))
            Fail("All brokers are down.");
    }

    /// <summary>Purges and disposes. No handler runs afterwards.</summary>
    public void Dispose()
    {
        _isClosing = true;
        _admin.Dispose();
        _producer.Dispose();
    }

    private void OnConfirmed(InFlightRecord record)
    {
        record.Source!.Tracker.Confirm(record.Number);
        HasDelivered = true;
        Interlocked.Exchange(ref _lastProgress, _time.GetTimestamp());
        _counters.Confirmed(record.Kind, record.Bytes);
    }

    private void OnRefused(InFlightRecord record, Error error)
    {
        SourcePartition source = record.Source!;
        switch (error.Code)
        {
            case ErrorCode.TopicAuthorizationFailed or ErrorCode.TopicException or ErrorCode.PolicyViolation:
                source.PausedReason = $"The centre refuses topic '{source.CentralTopicName}': {error.Reason}.";
                break;
            case ErrorCode.MsgSizeTooLarge or ErrorCode.InvalidRecord or ErrorCode.InvalidTimestamp when record.Kind == SentAs.Record:
                if (error.Code == ErrorCode.MsgSizeTooLarge) WantsSmallerBatches = true;
                if (_isExclusive) source.MarkPoison(record.Offset, error.Code.ToString());
                else source.CarefulUntil = Math.Max(source.CarefulUntil, record.Offset + 1);
                break;
        }
        Fail($"{source.CursorKey} at {record.Offset}: {error.Reason} ({error.Code})");
    }

    private void OnError(IProducer<byte[]?, byte[]?> producer, Error error)
    {
        if (error.IsFatal) Fail($"The client is fatally broken: {error.Reason}");
        else if (error.Code == ErrorCode.Local_AllBrokersDown) Interlocked.Exchange(ref _suspectSince, _time.GetTimestamp());
        else if (error.Code is ErrorCode.Local_Authentication or ErrorCode.SaslAuthenticationFailed or ErrorCode.ClusterAuthorizationFailed) Fail(error.Reason);
    }

    private void OnLog(IProducer<byte[]?, byte[]?> producer, LogMessage message)
    {
        if (message.Level <= SyslogLevel.Error) LogClient(_logger, message.Facility, message.Message);
    }

    [LoggerMessage(EventId = 4110, Level = LogLevel.Debug, Message = "librdkafka {Facility}: {Text}")]
    private static partial void LogClient(ILogger logger, string facility, string text);
}
