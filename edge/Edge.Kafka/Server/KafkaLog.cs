using Microsoft.Extensions.Logging;

namespace Edge.Kafka.Server;

/// <summary>Log lines of the Kafka listener. Event ids 3000 to 3099.</summary>
internal static partial class KafkaLog
{
    [LoggerMessage(3000, LogLevel.Warning, "Kafka: connection of {Address} closed: {Reason} ({Suppressed} like it before were not logged)")]
    public static partial void Malformed(ILogger logger, string address, string reason, long suppressed);

    [LoggerMessage(3001, LogLevel.Warning, "Kafka: connection refused, {MaxConnections} are open (Kafka:MaxConnections; {Suppressed} like it before were not logged)")]
    public static partial void ConnectionRefused(ILogger logger, int maxConnections, long suppressed);

    [LoggerMessage(3002, LogLevel.Error, "Kafka: request {Api} version {Version} of client '{ClientId}' at {Address} failed")]
    public static partial void RequestFailed(ILogger logger, Exception exception, string api, short version, string? clientId, string address);

    [LoggerMessage(3003, LogLevel.Information, "Kafka: connection of {Address} closed: {Reason}")]
    public static partial void TimedOut(ILogger logger, string address, string reason);

    [LoggerMessage(3004, LogLevel.Information, "Kafka: group '{Group}' generation {Generation}: {Members} members, protocol '{Protocol}'")]
    public static partial void GroupGeneration(ILogger logger, string group, int generation, int members, string protocol);

    [LoggerMessage(3006, LogLevel.Warning, "Kafka: the transaction of '{Id}' (producer {ProducerId}, epoch {Epoch}) was open for more than {TimeoutMs} ms; it is aborted and its producer fenced")]
    public static partial void TransactionTimedOut(ILogger logger, string id, long producerId, short epoch, int timeoutMs);

    [LoggerMessage(3007, LogLevel.Error, "Kafka: the state of transactional id '{Id}' cannot be read; it begins anew")]
    public static partial void TransactionUnreadable(ILogger logger, string id);

    [LoggerMessage(3008, LogLevel.Warning, "Kafka: {Partition} has an open transaction of producer {ProducerId} from offset {Offset} that belongs to no transactional id; it is aborted")]
    public static partial void TransactionHanging(ILogger logger, string partition, long producerId, long offset);

    [LoggerMessage(3005, LogLevel.Information, "Kafka: member '{Member}' of group '{Group}' removed: {Reason}")]
    public static partial void MemberRemoved(ILogger logger, string member, string group, string reason);
}
