using System.Buffers;
using System.Text;
using System.Text.Json;
using Edge.Hardware.Payload;
using Edge.Hardware.Sampling;
using Edge.Ingest;
using Edge.Log;
using Edge.Log.Compression;
using Edge.Log.Records;
using Edge.Log.Topics;
using Microsoft.Extensions.Logging;

namespace Edge.Hardware.Commands;

/// <summary>Follows the topics of commands and carries out what is for an output of ours, whether it came by MQTT, HTTP, Kafka or downlink; each gets an acknowledgement record.</summary>
/// <remarks>Only what arrives after the start: a command of yesterday must not open a valve today. A command is in the log before it is carried out.</remarks>
internal sealed partial class CommandPump(Journal journal, IReadingSink sink, IReadOnlyList<(SensorOptions Options, IActuator Actuator)> actuators, TimeProvider timeProvider, ILogger logger)
{
    private const int ReadBytes = 1 << 18, MaxCommandBytes = 4096;

    private static readonly TimeSpan TopicPoll = TimeSpan.FromMilliseconds(250);

    private long _carriedOut, _refused;

    public long CarriedOut => Interlocked.Read(ref _carriedOut);

    public long Refused => Interlocked.Read(ref _refused);

    public Task RunAsync(CancellationToken stop)
    {
        // Where the partitions end now is noted before anything else starts: what comes from here on counts.
        Dictionary<Partition, long> from = [];
        foreach (string topic in Topics())
            if (journal.Topics.TryGet(topic, out Topic known)) foreach (Partition partition in known.Partitions) from[partition] = partition.HighWatermark;
        return Task.Run(() => FollowAsync(from, stop), CancellationToken.None);
    }

    private IEnumerable<string> Topics() => actuators.Select(static a => a.Actuator.Commands.Topic).Distinct(StringComparer.Ordinal);

    private async Task FollowAsync(Dictionary<Partition, long> from, CancellationToken stop)
    {
        var following = new Dictionary<Partition, Task>();
        try
        {
            while (!stop.IsCancellationRequested)
            {
                foreach (string name in Topics())
                {
                    if (!journal.Topics.TryGet(name, out Topic topic)) continue; // made by the first command
                    foreach (Partition partition in topic.Partitions)
                        if (!following.ContainsKey(partition)) following[partition] = FollowAsync(partition, from.GetValueOrDefault(partition, 0), stop);
                }
                await Task.Delay(TopicPoll, timeProvider, stop).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested) { }
        try { await Task.WhenAll(following.Values).ConfigureAwait(false); }
        catch (OperationCanceledException) when (stop.IsCancellationRequested) { }
    }

    private async Task FollowAsync(Partition partition, long offset, CancellationToken stop)
    {
        var buffer = new ArrayBufferWriter<byte>();
        while (!stop.IsCancellationRequested)
        {
            await partition.WaitForDataAsync(offset, stop).ConfigureAwait(false);
            if (partition.Topic.IsDeleted) return;
            offset = Math.Max(offset, partition.LogStartOffset);
            buffer.ResetWrittenCount();
            ReadResult read = partition.Read(offset, ReadBytes, minOneBatch: true, buffer);
            List<Command> commands = Commands(buffer.WrittenSpan, offset);
            offset = read.NextOffset > offset ? read.NextOffset : offset + (read.Status == ReadStatus.Ok ? 0 : 1); // a damaged batch is passed over
            foreach (Command command in commands) await CarryOutAsync(command, stop).ConfigureAwait(false);
        }
    }

    /// <summary>The records of some batches that are for one of our outputs.</summary>
    private List<Command> Commands(ReadOnlySpan<byte> batches, long from)
    {
        var commands = new List<Command>();
        while (batches.Length > 0 && RecordBatchHeader.TryRead(batches, int.MaxValue, out RecordBatchHeader header) == BatchReadStatus.Ok)
        {
            if (!header.IsControl && BatchDecompressor.TryDecompress(header, batches[RecordBatchHeader.HeaderBytes..header.SizeBytes], BatchDecompressor.DefaultMaxBytes, out byte[] records))
            {
                var each = new RecordEnumerator(header, records);
                while (each.MoveNext())
                {
                    RecordView record = each.Current;
                    if (record.Offset < from || !record.HasKey) continue;
                    string key = Encoding.UTF8.GetString(record.Key);
                    foreach ((SensorOptions options, IActuator actuator) in actuators)
                        if (actuator.Commands.Key == key) commands.Add(new(options, actuator, record.Value.Length > MaxCommandBytes ? null : record.Value.ToArray()));
                }
            }
            batches = batches[header.SizeBytes..];
        }
        return commands;
    }

    private async Task CarryOutAsync(Command command, CancellationToken stop)
    {
        (string value, string? id) = Parse(command.Value);
        double? applied = null;
        string? error = null;
        try
        {
            applied = command.Actuator.Apply(value);
            Interlocked.Increment(ref _carriedOut);
            Done(logger, command.Options.Name, value);
        }
        catch (Exception e) // whatever the output's hardware does, the next command is carried out
        {
            error = e.Message;
            Interlocked.Increment(ref _refused);
            NotDone(logger, command.Options.Name, e.Message);
        }
        await AcknowledgeAsync(command.Options, id, value, applied, error, stop).ConfigureAwait(false);
    }

    /// <summary><c>1</c>, <c>on</c>, or <c>{"value":1,"id":"a7"}</c>.</summary>
    private static (string Value, string? Id) Parse(byte[]? bytes)
    {
        if (bytes is null) return ("(too long)", null);
        string text = Encoding.UTF8.GetString(bytes).Trim();
        if (!text.StartsWith('{')) return (text.Trim('"'), null);
        try
        {
            using JsonDocument json = JsonDocument.Parse(bytes);
            string value = json.RootElement.TryGetProperty("value", out JsonElement v) ? v.ValueKind == JsonValueKind.String ? v.GetString()! : v.GetRawText() : text;
            return (value, json.RootElement.TryGetProperty("id", out JsonElement i) ? i.ToString() : null);
        }
        catch (JsonException) { return (text, null); }
    }

    private async Task AcknowledgeAsync(SensorOptions options, string? id, string value, double? applied, string? error, CancellationToken stop)
    {
        var buffer = new ArrayBufferWriter<byte>(192);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("output"u8, options.Name);
            if (id is not null) json.WriteString("id"u8, id);
            json.WriteString("command"u8, value.Length > 100 ? value[..100] : value);
            json.WriteBoolean("ok"u8, error is null);
            if (applied is { } now) json.WriteNumber("value"u8, now);
            if (error is not null) json.WriteString("error"u8, error);
            json.WriteNumber("time"u8, timeProvider.GetUtcNow().ToUnixTimeMilliseconds());
            json.WriteEndObject();
        }
        IngestStatus status;
        try
        {
            status = await sink.SubmitAsync(
                new IngestRecord { Topic = options.Topic, Key = Encoding.UTF8.GetBytes($"{options.Name}/ack"), Value = buffer.WrittenSpan.ToArray(), Headers = [ReadingEncoders.Header(PlainJson.ContentType)], Source = options.Name },
                stop).AsTask().WaitAsync(stop).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not OperationCanceledException) { status = IngestStatus.Fenced; }
        if (status != IngestStatus.Ok) NotAcknowledged(logger, options.Name, status.ToString());
    }

    private readonly record struct Command(SensorOptions Options, IActuator Actuator, byte[]? Value);

    [LoggerMessage(6010, LogLevel.Information, "Output '{Output}': command '{Command}' carried out")]
    private static partial void Done(ILogger logger, string output, string command);

    [LoggerMessage(6011, LogLevel.Warning, "Output '{Output}': command not carried out: {Cause}")]
    private static partial void NotDone(ILogger logger, string output, string cause);

    [LoggerMessage(6012, LogLevel.Warning, "Output '{Output}': the acknowledgement could not be stored: {Status}")]
    private static partial void NotAcknowledged(ILogger logger, string output, string status);
}
