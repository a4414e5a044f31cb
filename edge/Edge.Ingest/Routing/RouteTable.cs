using System.Buffers;
using System.Text;
using Edge.Log.Records;
using Edge.Log.Topics;

namespace Edge.Ingest.Routing;

/// <summary>Maps MQTT topics to topic, key and partition by the configured routes; the first route that matches decides.</summary>
/// <remarks>Thread-safe. A target is resolved once per MQTT topic and kept by the caller; resolving is quick when the topic exists.</remarks>
public sealed class RouteTable
{
    private readonly IngestPipeline _pipeline;
    private RouteSet _routes;
    private long _unresolved, _missingFields, _unparsed;

    /// <exception cref="RouteConfigurationException">At least one route cannot be used; names all problems.</exception>
    public RouteTable(IngestPipeline pipeline, IReadOnlyList<RouteOptions> routes)
    {
        _pipeline = pipeline;
        _routes = Parse(routes);
    }

    /// <summary>Resolutions that ended without a target: no route matched, or the topic could not be made.</summary>
    public long Unresolved => Interlocked.Read(ref _unresolved);

    /// <summary>Payload fields a template asked for that were not there. Each expands to nothing.</summary>
    public long MissingPayloadFields => Interlocked.Read(ref _missingFields);

    /// <summary>Payloads that were not what their route says; stored as they are, flagged.</summary>
    public long Unparsed => Interlocked.Read(ref _unparsed);

    /// <summary>Counts one.</summary>
    public void AddUnparsed() => Interlocked.Increment(ref _unparsed);

    /// <summary>Every problem of every route at once: key path, value, what is allowed. Empty when all can be used.</summary>
    public static IReadOnlyList<string> Validate(IReadOnlyList<RouteOptions> routes)
    {
        var problems = new List<string>();
        RouteSet.Parse(routes, problems);
        return problems;
    }

    /// <summary>The target of an MQTT topic; creates the topic when that is allowed. Completes at once when the topic exists.</summary>
    /// <returns>Null when no route matches or the topic cannot be made. When the target's <see cref="RouteTarget.DependsOnPayload"/> is set, see <see cref="ResolveWithPayload"/>.</returns>
    public ValueTask<RouteTarget?> ResolveAsync(string mqttTopic, string clientId, string userName, CancellationToken cancellationToken)
    {
        RouteSet routes = Volatile.Read(ref _routes);
        CompiledRoute? route = routes.Find(mqttTopic, out Range[] captures);
        if (route is null)
        {
            Interlocked.Increment(ref _unresolved);
            return new((RouteTarget?)null);
        }
        if (route.NeedsPayload) return new(new RouteTarget(routes, route, captures, mqttTopic, clientId, userName, topic: null, partition: 0, key: [], keyIsMqttTopic: false));
        RouteMatch match = route.Expand(mqttTopic, captures, clientId, userName, ReadOnlySequence<byte>.Empty);
        return CompleteAsync(routes, route, captures, mqttTopic, clientId, userName, match, cancellationToken);
    }

    /// <summary>The target of one message whose route uses fields of the payload. A target that does not depend on it is given back as it is, at no cost.</summary>
    /// <param name="target">From <see cref="ResolveAsync"/>. When it is stale, resolve again first.</param>
    /// <param name="payload">Read during the call only. A field that is not there expands to nothing and is counted.</param>
    /// <param name="cancellationToken">Ends the wait for a topic that is being made.</param>
    public ValueTask<RouteTarget?> ResolveWithPayload(RouteTarget target, in ReadOnlySequence<byte> payload, CancellationToken cancellationToken)
    {
        if (!target.DependsOnPayload) return new(target);
        RouteMatch match = target.Route.Expand(target.MqttTopic, target.Captures, target.ClientId, target.UserName, payload);
        if (match.MissingFields > 0) Interlocked.Add(ref _missingFields, match.MissingFields);
        return CompleteAsync(target.Routes, target.Route, target.Captures, target.MqttTopic, target.ClientId, target.UserName, match, cancellationToken);
    }

    /// <summary>Puts other routes in place, all or none. Targets resolved before become stale.</summary>
    /// <exception cref="RouteConfigurationException">At least one route cannot be used; the routes in place stay.</exception>
    public void Replace(IReadOnlyList<RouteOptions> routes)
    {
        RouteSet next = Parse(routes);
        Interlocked.Exchange(ref _routes, next).MarkReplaced(); // new set first: whoever sees a stale target finds the new routes
    }

    private static RouteSet Parse(IReadOnlyList<RouteOptions> routes)
    {
        var problems = new List<string>();
        return RouteSet.Parse(routes, problems) ?? throw new RouteConfigurationException(problems);
    }

    private ValueTask<RouteTarget?> CompleteAsync(
        RouteSet routes, CompiledRoute route, Range[] captures, string mqttTopic, string clientId, string userName, RouteMatch match, CancellationToken cancellationToken)
    {
        if (_pipeline.Journal.Topics.TryGet(match.TopicName, out Topic? topic) && !topic.IsDeleted)
            return new(Target(routes, route, captures, mqttTopic, clientId, userName, match, topic));
        return CreateAsync(routes, route, captures, mqttTopic, clientId, userName, match, cancellationToken);
    }

    private async ValueTask<RouteTarget?> CreateAsync(
        RouteSet routes, CompiledRoute route, Range[] captures, string mqttTopic, string clientId, string userName, RouteMatch match, CancellationToken cancellationToken)
    {
        Topic? topic = await _pipeline.GetOrCreateTopicAsync(match.TopicName, cancellationToken).ConfigureAwait(false);
        if (topic is not null) return Target(routes, route, captures, mqttTopic, clientId, userName, match, topic);
        Interlocked.Increment(ref _unresolved);
        return null;
    }

    private static RouteTarget Target(RouteSet routes, CompiledRoute route, Range[] captures, string mqttTopic, string clientId, string userName, RouteMatch match, Topic topic)
    {
        int partition = ChoosePartition(match.Key, clientId, topic.Partitions.Count);
        return new RouteTarget(routes, route, captures, mqttTopic, clientId, userName, topic, partition, match.Key, match.KeyIsMqttTopic && route.Format is not { NamesKeys: true });
    }

    /// <summary>Without a key the client decides: its records keep their order and need no state.</summary>
    internal static int ChoosePartition(byte[] key, string clientId, int partitionCount) =>
        Murmur2.Partition(key.Length > 0 ? key : Encoding.UTF8.GetBytes(clientId), partitionCount);
}
