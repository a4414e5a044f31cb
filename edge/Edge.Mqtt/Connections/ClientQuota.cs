namespace Edge.Mqtt.Connections;

/// <summary>Messages and bytes a second of one client: two token buckets that hold one second's worth. Used by the reader alone.</summary>
internal sealed class ClientQuota(int messagesPerSecond, long bytesPerSecond, TimeProvider timeProvider)
{
    private double _messages = messagesPerSecond, _bytes = bytesPerSecond;
    private long _filledAt = timeProvider.GetTimestamp();

    /// <summary>Null: no quota is set.</summary>
    public static ClientQuota? Of(MqttOptions options, TimeProvider timeProvider) =>
        options.MaxMessagesPerSecond > 0 || options.MaxBytesPerSecond > 0 ? new ClientQuota(options.MaxMessagesPerSecond, options.MaxBytesPerSecond, timeProvider) : null;

    /// <summary>Counts what was read.</summary>
    /// <returns>How long not to read on; zero while within the quota.</returns>
    public TimeSpan Take(int messages, long bytes)
    {
        long now = timeProvider.GetTimestamp();
        double seconds = timeProvider.GetElapsedTime(_filledAt, now).TotalSeconds;
        _filledAt = now;
        double wait = 0;
        if (messagesPerSecond > 0)
        {
            _messages = Math.Min(messagesPerSecond, _messages + (seconds * messagesPerSecond)) - messages;
            wait = Math.Max(wait, -_messages / messagesPerSecond);
        }
        if (bytesPerSecond > 0)
        {
            _bytes = Math.Min(bytesPerSecond, _bytes + (seconds * bytesPerSecond)) - bytes;
            wait = Math.Max(wait, -_bytes / bytesPerSecond);
        }
        return TimeSpan.FromSeconds(wait);
    }
}
