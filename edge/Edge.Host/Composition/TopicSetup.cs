using Edge.Host.Configuration;
using Edge.Log.Topics;
using Microsoft.Extensions.Logging;

namespace Edge.Host.Composition;

/// <summary>Makes the topics of the configuration, and sets those there are as it says.</summary>
internal static partial class TopicSetup
{
    /// <exception cref="StartException">A topic cannot be made or set; names it.</exception>
    public static async Task ApplyAsync(TopicRegistry registry, IReadOnlyDictionary<string, TopicOptions> topics, ILogger logger, CancellationToken cancellationToken)
    {
        foreach ((string name, TopicOptions wanted) in topics)
        {
            if (!registry.TryGet(name, out Topic? topic))
            {
                Check(name, await registry.CreateAsync(name, wanted.Partitions, wanted.Config).WaitAsync(cancellationToken).ConfigureAwait(false));
                continue;
            }
            if (topic.Partitions.Count < wanted.Partitions) Check(name, await registry.AddPartitionsAsync(name, wanted.Partitions).WaitAsync(cancellationToken).ConfigureAwait(false));
            else if (topic.Partitions.Count > wanted.Partitions) LogFewer(logger, name, topic.Partitions.Count, wanted.Partitions);
            if (topic.Config != wanted.Config) Check(name, await registry.AlterAsync(name, wanted.Config).WaitAsync(cancellationToken).ConfigureAwait(false));
        }
    }

    private static void Check(string name, TopicChange change)
    {
        if (change.Status is not (TopicChangeStatus.Ok or TopicChangeStatus.AlreadyExists))
            throw new StartException($"Topics:{name} cannot be put in place: {change.Reason ?? change.Status.ToString()}");
    }

    [LoggerMessage(1010, LogLevel.Warning, "Topic {Topic} has {Have} partitions, the configuration says {Wanted}: partitions are never taken away")]
    private static partial void LogFewer(ILogger logger, string topic, int have, int wanted);
}
