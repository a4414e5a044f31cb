using System.Text;
using Confluent.Kafka;
using Edge.CloudSync.Centre;
using Edge.Log;
using Microsoft.Extensions.Logging;

namespace Edge.CloudSync.Fleet;

/// <summary>Tells the centre every 30 s, and when the uplink's state changes, how this appliance is (<c>edge.fleet</c>).</summary>
/// <remarks>Has a client only while records flow: while the centre is away nothing is kept and nothing queued, the next report says it all. Never holds up forwarding.</remarks>
internal sealed partial class FleetReporter(SyncOptions options, Journal journal, Func<SyncStatus> status, TimeProvider time, ILogger logger)
{
    private const int PositionsReported = 64;
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1), SendTimeout = TimeSpan.FromSeconds(10);
    private static readonly string Version = typeof(FleetReporter).Assembly.GetName().Version?.ToString(3) ?? "0.0.0";

    private IProducer<byte[], byte[]>? _producer;
    private CentralTopic? _topic;

    /// <summary>Runs until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        long last = 0;
        string told = "";
        try
        {
            while (!cancellationToken.IsCancellationRequested)
            {
                SyncStatus now = status();
                bool flows = now.State is SyncState.Forwarding or SyncState.Sending or SyncState.Committing or SyncState.Halted;
                string state = $"{flows}/{now.HaltReason}/{now.LastError}";
                if (!flows) Close();
                else if (state != told || time.GetElapsedTime(last) >= options.FleetInterval)
                {
                    if (await ReportAsync(now, cancellationToken).ConfigureAwait(false)) told = state;
                    last = time.GetTimestamp(); // also after a failure: the next try is not before the interval
                }
                await Task.Delay(Look, time, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            // stopped
        }
        finally
        {
            Close();
        }
    }

    private async Task<bool> ReportAsync(SyncStatus now, CancellationToken cancellationToken)
    {
        try
        {
            IProducer<byte[], byte[]> producer = _producer ??= NewProducer();
            if (_topic is null)
            {
                using IAdminClient admin = new DependentAdminClientBuilder(producer.Handle).Build();
                (_topic, string? refusal) = await new CentralTopics(admin, options, journal.DeviceId, logger).FindAsync(CentralTopics.Fleet, cancellationToken).ConfigureAwait(false);
                if (_topic is null) LogRefused(logger, refusal!);
                if (_topic is null) return false;
            }
            string state = now.State == SyncState.Halted ? "halted" : "forwarding";
            var device = new FleetDevice(journal.DeviceId, options.Site, journal.LogId, Version, journal.Epoch, time.GetUtcNow(), state, now.Delivery, now.RecordsForwarded, now.BacklogRecords, now.BacklogBytes,
                now.OldestBacklog, journal.Statistics.StoredBytes, now.RecordsDeadLettered, now.GapsAnnounced, now.HaltReason ?? now.LastError);
            byte[] key = Encoding.UTF8.GetBytes(journal.DeviceId);
            await producer.ProduceAsync(_topic.Place(key), new Message<byte[], byte[]> { Key = key, Value = device.ToJson([.. now.Partitions.Take(PositionsReported)]) }, cancellationToken)
                .WaitAsync(SendTimeout, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (Exception e) when (e is KafkaException or TimeoutException or InvalidOperationException)
        {
            LogRefused(logger, e.Message);
            Close();
            return false;
        }
    }

    private IProducer<byte[], byte[]> NewProducer()
    {
        var config = new ProducerConfig();
        ClientSettings.ApplyCommon(config, options, $"edge.{journal.DeviceId}.fleet");
        config.EnableIdempotence = true;
        config.MessageTimeoutMs = (int)SendTimeout.TotalMilliseconds;
        config.QueueBufferingMaxKbytes = 1024;
        config.LingerMs = 0;
        return new ProducerBuilder<byte[], byte[]>(config).SetLogHandler(static (_, _) => { }).SetErrorHandler(static (_, _) => { }).Build();
    }

    private void Close()
    {
        _producer?.Dispose();
        _producer = null;
        _topic = null;
    }

    [LoggerMessage(EventId = 4170, Level = LogLevel.Debug, Message = "The status was not told to the centre: {Why}")]
    private static partial void LogRefused(ILogger logger, string why);
}
