using Confluent.Kafka;

namespace Edge.CloudSync.Centre;

/// <summary>Asks whether the centre answers, with a client that lives for that question only: nothing is kept while it is away.</summary>
internal sealed class CentreProbe(SyncOptions options, string deviceId)
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    /// <returns>Null when brokers answered, else why not.</returns>
    public async Task<string?> AskAsync(CancellationToken cancellationToken)
    {
        TimeSpan timeout = Timeout < options.SocketTimeout ? Timeout : options.SocketTimeout;
        // The blocking call is left behind, not waited for, when the host stops: it ends by its own time-out.
        return await Task.Run(() => Ask(timeout), CancellationToken.None).WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>A client whose own messages go nowhere: the forwarder reports what matters.</summary>
    public static IAdminClient Build(AdminClientConfig config) =>
        new AdminClientBuilder(config).SetLogHandler(static (_, _) => { }).SetErrorHandler(static (_, _) => { }).Build();

    private string? Ask(TimeSpan timeout)
    {
        try
        {
            using IAdminClient client = Build(ClientSettings.Admin(options, deviceId));
            return client.GetMetadata(CentralTopics.Gaps, timeout).Brokers.Count > 0 ? null : "The centre names no broker.";
        }
        catch (KafkaException e)
        {
            return e.Error.Reason;
        }
        catch (InvalidOperationException e) // a property of Sync:Client that librdkafka does not know
        {
            return e.Message;
        }
    }
}
