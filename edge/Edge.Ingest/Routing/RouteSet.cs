namespace Edge.Ingest.Routing;

/// <summary>All routes as they were configured at one moment; replaced as a whole.</summary>
internal sealed class RouteSet
{
    private readonly CompiledRoute[] _routes;
    private readonly int _maxCaptures;
    private volatile bool _isReplaced;

    private RouteSet(CompiledRoute[] routes)
    {
        _routes = routes;
        _maxCaptures = routes.Max(static r => r.CaptureCount);
    }

    /// <summary>True once another set took its place: targets made from this one are stale.</summary>
    public bool IsReplaced => _isReplaced;

    public void MarkReplaced() => _isReplaced = true;

    /// <summary>Parses all routes. No routes at all: everything goes to <c>telemetry</c>, key = the MQTT topic.</summary>
    /// <param name="problems">Every problem of every route; the set is null when there is one.</param>
    public static RouteSet? Parse(IReadOnlyList<RouteOptions> routes, List<string> problems)
    {
        if (routes.Count == 0) routes = [new RouteOptions()];
        var compiled = new List<CompiledRoute>(routes.Count);
        for (int i = 0; i < routes.Count; i++)
        {
            if (CompiledRoute.Parse(i, routes[i], problems) is { } route) compiled.Add(route);
        }
        return problems.Count == 0 ? new RouteSet([.. compiled]) : null;
    }

    /// <summary>First route that matches, and what its wildcards matched.</summary>
    public CompiledRoute? Find(string mqttTopic, out Range[] captures)
    {
        captures = _maxCaptures == 0 ? [] : new Range[_maxCaptures];
        foreach (CompiledRoute route in _routes)
        {
            if (route.IsMatch(mqttTopic, captures)) return route;
        }
        return null;
    }
}
