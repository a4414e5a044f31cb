using Edge.Ingest;
using Edge.Mqtt.Protocol;
using Microsoft.Extensions.Logging;

namespace Edge.Mqtt;

/// <content>What the broker tells its operator. What a client can cause at will is rate-limited to one line a second; the counters tell the rest.</content>
public sealed partial class MqttBroker
{
    private long _lastClientLine;

    internal void ReportBadPacket(string clientId, string address, ReasonCode reason)
    {
        if (MayLogForClient()) LogBadPacket(clientId, address, reason);
    }

    internal void ReportRefusedTopic(string clientId, string topic, ReasonCode reason)
    {
        if (MayLogForClient()) LogRefusedTopic(clientId, topic, reason);
    }

    internal void ReportConnectionFault(string clientId, Exception fault) => LogConnectionFault(clientId, fault);

    internal void ReportPumpFault(string clientId, Exception fault) => LogPumpFault(clientId, fault);

    internal void ReportFanoutFault(Exception fault)
    {
        Statistics.AddSkippedBatch();
        LogFanoutFault(fault);
    }

    private bool MayLogForClient()
    {
        long now = Now(), last = Volatile.Read(ref _lastClientLine);
        return (last == 0 || TimeProvider.GetElapsedTime(last, now) >= TimeSpan.FromSeconds(1)) && Interlocked.CompareExchange(ref _lastClientLine, now, last) == last;
    }

    [LoggerMessage(3001, LogLevel.Warning, "MQTT client '{ClientId}' at {Address} was closed: {Reason}.")]
    private partial void LogBadPacket(string clientId, string address, ReasonCode reason);

    [LoggerMessage(3002, LogLevel.Warning, "A publish of MQTT client '{ClientId}' to '{Topic}' was refused: {Reason}.")]
    private partial void LogRefusedTopic(string clientId, string topic, ReasonCode reason);

    [LoggerMessage(3003, LogLevel.Error, "The connection of MQTT client '{ClientId}' failed.")]
    private partial void LogConnectionFault(string clientId, Exception fault);

    [LoggerMessage(3004, LogLevel.Error, "Catching up MQTT client '{ClientId}' from the journal failed; it is closed.")]
    private partial void LogPumpFault(string clientId, Exception fault);

    [LoggerMessage(3005, LogLevel.Error, "A batch of the journal could not be given to MQTT subscribers.")]
    private partial void LogFanoutFault(Exception fault);

    [LoggerMessage(3006, LogLevel.Warning, "The will of MQTT client '{ClientId}' to '{Topic}' was not stored: {Status}.")]
    private partial void LogWillRefused(string clientId, string topic, IngestStatus status);

    [LoggerMessage(3007, LogLevel.Warning, "{Count} MQTT connections or deliveries did not end in time.")]
    private partial void LogSlowStop(int count);

    [LoggerMessage(3008, LogLevel.Error, "The check of MQTT time-outs failed.")]
    private partial void LogSweepFault(Exception fault);
}
