using System.Globalization;
using System.Text;
using Edge.Log;
using Edge.Log.Readers;
using Edge.Log.Records;
using Edge.Mqtt.Connections;
using Edge.Mqtt.Fanout;
using Edge.Mqtt.Subscriptions;

namespace Edge.Mqtt.Sessions;

/// <summary>One <c>$replay/from/filter</c> of one connection: reads the journal from there, and goes on with what is new. History and live are one reading: nothing is missed between.</summary>
/// <remarks>Belongs to the connection: after a reconnect the client asks anew, with a start of its choice.</remarks>
internal sealed class Replay(MqttBroker broker, MqttSession session, MqttConnection connection, Subscription subscription, long fromMs) : IDisposable
{
    // Batches of several partitions, and records that wait for admission, are not in strict order of their time.
    private const long SearchMarginMs = 60_000;

    private static readonly object Yes = new(), No = new();
    private readonly CancellationTokenSource _ending = CancellationTokenSource.CreateLinkedTokenSource(broker.Stopping);
    private readonly Utf8Map<object> _matches = new(1024);
    private readonly byte[] _prefix = Encoding.UTF8.GetBytes(PrefixOf(subscription.Request.ReplayFrom!));

    public static string PrefixOf(string from) => $"$replay/{from}/";

    public static byte[] PrefixedTopic(ReadOnlySpan<byte> prefix, ReadOnlySpan<byte> topic) => [.. prefix, .. topic];

    /// <summary>Where history starts. Unix epoch, ms; 0 for <c>earliest</c>. False for what is none of <c>earliest</c>, <c>-90s</c>, <c>-5m</c>, <c>-1h</c>, <c>-7d</c>, <c>20261123T060000Z</c>.</summary>
    public static bool TryParseFrom(string text, long nowMs, out long fromMs)
    {
        fromMs = 0;
        if (text == "earliest") return true;
        if (DateTimeOffset.TryParseExact(text, "yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset at))
        {
            fromMs = at.ToUnixTimeMilliseconds();
            return true;
        }
        if (text.Length is < 3 or > 10 || text[0] != '-' || !long.TryParse(text.AsSpan(1, text.Length - 2), NumberStyles.None, CultureInfo.InvariantCulture, out long number)) return false;
        long unit = text[^1] switch { 's' => 1000, 'm' => 60_000, 'h' => 3_600_000, 'd' => 86_400_000, _ => 0 };
        fromMs = Math.Max(0, nowMs - (number * unit));
        return unit > 0;
    }

    public void Start() => broker.Track(Task.Run(RunAsync));

    public void Dispose()
    {
        _ending.Cancel();
        _ending.Dispose();
    }

    private async Task RunAsync()
    {
        CancellationToken ending;
        try { ending = _ending.Token; }
        catch (ObjectDisposedException) { return; }
        try
        {
            using JournalReader reader = broker.OpenReader(fromMs == 0 ? 0 : Find(broker.Journal, fromMs - SearchMarginMs));
            while (!ending.IsCancellationRequested)
            {
                if (!reader.TryRead(out JournalEntry entry))
                {
                    session.Flush();
                    await reader.WaitAsync(ending).ConfigureAwait(false);
                    continue;
                }
                int next = 0;
                while (Offer(entry, ref next) is { } wait)
                {
                    session.Flush();
                    await wait.WaitAsync(ending).ConfigureAwait(false);
                }
            }
        }
        catch (OperationCanceledException) { }
        catch (Exception e)
        {
            broker.ReportPumpFault(session.ClientId, e);
            connection.Close(Protocol.ReasonCode.UnspecifiedError);
        }
    }

    /// <returns>What to wait for before the record <paramref name="next"/> is tried again; null when the batch is done.</returns>
    private Task? Offer(in JournalEntry entry, ref int next)
    {
        BatchRecords records = new(broker, entry);
        long nowMs = broker.NowMs();
        while (records.MoveNext())
        {
            OutgoingMessage message = records.Current;
            if (records.Index < next || message.TimestampMs < fromMs || !IsWanted(message.Topic) || message.Topic.Length + _prefix.Length > ushort.MaxValue) continue;
            message.Topic = PrefixedTopic(_prefix, message.Topic);
            if (session.TryReplay(message, subscription, connection, nowMs) is not { } wait) continue;
            next = records.Index;
            return wait;
        }
        return null;
    }

    private bool IsWanted(ReadOnlySpan<byte> topic)
    {
        object? known = _matches.Find(topic);
        if (known is null)
        {
            known = SubscriptionTrie.Matches(subscription.Request.Filter, Encoding.UTF8.GetString(topic)) ? Yes : No;
            _matches.Set(topic.ToArray(), known);
        }
        return ReferenceEquals(known, Yes);
    }

    /// <summary>Ingest sequence from which on batches reach that time, by bisection: ingest order is time order but for records that brought their own time.</summary>
    private static long Find(Journal journal, long timestampMs)
    {
        long low = journal.StartSequence, high = journal.DurableSequence;
        using JournalReader reader = journal.OpenReader(low);
        while (low < high)
        {
            long middle = low + ((high - low) / 2);
            reader.Seek(middle);
            if (!reader.TryRead(out JournalEntry entry) || entry.IngestSequence >= high)
            {
                high = middle;
                continue;
            }
            if (RecordBatchHeader.Parse(entry.Batch.Span).MaxTimestampMs >= timestampMs) high = middle;
            else low = entry.IngestSequence + 1;
        }
        return low;
    }
}
