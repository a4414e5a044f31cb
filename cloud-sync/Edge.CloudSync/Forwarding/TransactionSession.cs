using Confluent.Kafka;
using Edge.CloudSync.Centre;
using Microsoft.Extensions.Logging;

namespace Edge.CloudSync.Forwarding;

/// <summary>One transactional producer from its making to its disposal.</summary>
/// <remarks>The taint rule: librdkafka speaks the first version of the transaction protocol, where a delayed EndTxn of one transaction can end a later one of the
/// same session. So once any connection was lost or any request timed out, this producer begins no further transaction: a new one is fenced off from whatever is
/// still on its way. The flag is never cleared, because the library does not repeat an identical message for 30 s.</remarks>
internal sealed partial class TransactionSession : IDisposable
{
    private readonly IProducer<byte[]?, byte[]?> _producer;
    private readonly IAdminClient _admin;
    private readonly WakeSignal _wake;
    private readonly ILogger _logger;
    private readonly Message<byte[]?, byte[]?> _message = new(); // the client copies it within Produce
    private readonly Dictionary<SourcePartition, DeliverySlot> _slots = [];
    private readonly DeliverySlot _ownSlot;
    private long _pending;
    private volatile string? _taint, _fault;
    private volatile bool _isClosing;
    private volatile DeliveryRefusal? _refusal;

    /// <exception cref="InvalidOperationException">A property of <c>Sync:Client</c> is unknown to librdkafka or contradicts ours.</exception>
    public TransactionSession(SyncOptions options, string deviceId, string lane, int batchBytes, WakeSignal wake, ILogger logger)
    {
        (_wake, _logger) = (wake, logger);
        _producer = new ProducerBuilder<byte[]?, byte[]?>(ClientSettings.Transactional(options, deviceId, lane, batchBytes))
            .SetErrorHandler(OnError).SetLogHandler(OnLog).Build();
        _admin = new DependentAdminClientBuilder(_producer.Handle).Build();
        _ownSlot = new DeliverySlot(this, null);
        Topics = new CentralTopics(_admin, options, deviceId, logger);
    }

    public CentralTopics Topics { get; }
    public IAdminClient Admin => _admin;

    /// <summary>Why no further transaction may begin with this producer; null while it is clean.</summary>
    public string? Taint => _taint;

    /// <summary>Why this producer is of no use any more; null while it is sound.</summary>
    public string? Fault => _fault;

    /// <summary>The first report of this transaction that was not a plain success.</summary>
    public DeliveryRefusal? Refusal => _refusal;

    /// <summary>Messages handed to the client and not reported.</summary>
    public long Pending => Interlocked.Read(ref _pending);

    /// <summary>A transaction was committed: the centre works.</summary>
    public bool HasCommitted { get; private set; }

    /// <summary>Fences whoever used the transactional id before, and waits until its transaction is decided.</summary>
    public CommitStatus Init(TimeSpan timeout, out string problem)
    {
        try
        {
            _producer.InitTransactions(timeout);
            problem = "";
            return CommitStatus.Done;
        }
        catch (KafkaException e)
        {
            problem = e.Error.Reason;
            if (e.Error.Code is ErrorCode.Local_UnsupportedFeature or ErrorCode.UnsupportedVersion or ErrorCode.UnsupportedForMessageFormat or ErrorCode.TransactionalIdAuthorizationFailed or ErrorCode.InvalidTransactionTimeout)
                return CommitStatus.Unsupported;
            return e is KafkaRetriableException && _fault is null ? CommitStatus.TryAgain : CommitStatus.Failed;
        }
    }

    /// <exception cref="KafkaException">The producer is of no use.</exception>
    public void Begin()
    {
        _refusal = null;
        _producer.BeginTransaction();
    }

    /// <summary>Hands one message to the client. The arrays may be used again as soon as it returns.</summary>
    /// <param name="source">Whose record it is; null for a cursor.</param>
    /// <returns>False when it cannot be taken now, or never: <paramref name="isTooLarge"/>, else <see cref="Fault"/>.</returns>
    public bool TryProduce(SourcePartition? source, TopicPartition to, byte[]? key, byte[]? value, Headers? headers, Timestamp timestamp, out bool isTooLarge)
    {
        (_message.Key, _message.Value, _message.Headers, _message.Timestamp) = (key, value, headers, timestamp);
        Interlocked.Increment(ref _pending);
        isTooLarge = false;
        try
        {
            _producer.Produce(to, _message, SlotOf(source).Handler);
            return true;
        }
        catch (KafkaException e)
        {
            Interlocked.Decrement(ref _pending);
            isTooLarge = e.Error.Code == ErrorCode.MsgSizeTooLarge;
            if (!isTooLarge && e.Error.Code != ErrorCode.Local_QueueFull) Refuse(new DeliveryRefusal(source, e.Error.Code, e.Error.Reason));
            return false;
        }
    }

    public CommitStatus Commit(TimeSpan timeout, out string problem)
    {
        CommitStatus status = End(() => _producer.CommitTransaction(timeout), out problem);
        HasCommitted |= status == CommitStatus.Done;
        return status;
    }

    public CommitStatus Abort(TimeSpan timeout, out string problem) => End(() => _producer.AbortTransaction(timeout), out problem);

    /// <summary>The report of one message. On the poll thread.</summary>
    public void Complete(DeliverySlot slot, Error error, long centralOffset, bool isInOrder)
    {
        if (error.IsError) Refuse(new DeliveryRefusal(slot.Source, error.Code, error.Reason));
        else if (centralOffset < 0) Refuse(new DeliveryRefusal(slot.Source, ErrorCode.Unknown, "The centre took a record for a duplicate whose offset it does not know.")); // assumed, not confirmed
        else if (!isInOrder) Refuse(new DeliveryRefusal(slot.Source, ErrorCode.Unknown, "The centre stored a record before one sent earlier."));
        long left = Interlocked.Decrement(ref _pending);
        if (left == 0 || (left & 1023) == 0) _wake.Set();
    }

    /// <summary>Purges and disposes. No handler runs afterwards.</summary>
    public void Dispose()
    {
        _isClosing = true;
        _admin.Dispose();
        _producer.Dispose();
    }

    private static CommitStatus End(Action call, out string problem)
    {
        problem = "";
        try
        {
            call();
            return CommitStatus.Done;
        }
        catch (KafkaRetriableException e)
        {
            problem = e.Error.Reason;
            return CommitStatus.TryAgain;
        }
        catch (KafkaTxnRequiresAbortException e)
        {
            problem = e.Error.Reason;
            return CommitStatus.MustAbort;
        }
        catch (KafkaException e)
        {
            problem = e.Error.Reason;
            return CommitStatus.Failed;
        }
    }

    private DeliverySlot SlotOf(SourcePartition? source)
    {
        if (source is null) return _ownSlot;
        if (!_slots.TryGetValue(source, out DeliverySlot? slot)) _slots.Add(source, slot = new DeliverySlot(this, source));
        return slot;
    }

    /// <summary>The first one counts: what follows are records purged because of it.</summary>
    private void Refuse(DeliveryRefusal refusal)
    {
        if (_isClosing) return;
        Interlocked.CompareExchange(ref _refusal, refusal, null);
        _wake.Set();
    }

    private void OnError(IProducer<byte[]?, byte[]?> producer, Error error)
    {
        if (_isClosing || !error.IsFatal && error.Code is not (ErrorCode.Local_Authentication or ErrorCode.SaslAuthenticationFailed or ErrorCode.ClusterAuthorizationFailed)) return;
        _fault ??= error.Reason;
        _wake.Set();
    }

    /// <summary>The only place where the library tells of a lost connection at once: 100 ms before Commit returned well after a retry that nothing else showed.</summary>
    private void OnLog(IProducer<byte[]?, byte[]?> producer, LogMessage message)
    {
        if (message.Level <= SyslogLevel.Error) LogClient(_logger, message.Facility, message.Message);
        if (_isClosing || _taint is not null || !IsTaint(message.Facility, message.Message)) return;
        _taint = message.Message;
        LogTaint(_logger, message.Facility, message.Message);
        _wake.Set();
    }

    /// <summary>Anything that may have left a request on its way. A connection that was never made carried none.</summary>
    internal static bool IsTaint(string facility, string text) => facility switch
    {
        "REQTMOUT" => true,
        "FAIL" => !(text.Contains("Connect to ", StringComparison.Ordinal) && text.Contains(" failed", StringComparison.Ordinal)),
        _ => false,
    };

    [LoggerMessage(EventId = 4150, Level = LogLevel.Debug, Message = "librdkafka {Facility}: {Text}")]
    private static partial void LogClient(ILogger logger, string facility, string text);

    [LoggerMessage(EventId = 4151, Level = LogLevel.Information, Message = "A request may still be on its way ({Facility}: {Text}): the producer is replaced before the next transaction")]
    private static partial void LogTaint(ILogger logger, string facility, string text);
}
