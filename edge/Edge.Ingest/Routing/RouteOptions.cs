namespace Edge.Ingest.Routing;

/// <summary>One entry of <c>Routes</c>: which MQTT topics go to which topic and key. The first route whose filter matches decides.</summary>
/// <remarks>
/// Templates: <c>{1}</c>, <c>{2}</c> … what the first, second … <c>+</c> of the filter matched; <c>{#}</c> what <c>#</c> matched; <c>{topic}</c> the whole MQTT topic;
/// <c>{client}</c>, <c>{user}</c>; <c>{$.a.b}</c> and <c>{$.a[0]}</c> a field of a JSON payload; <c>{{</c> and <c>}}</c> are braces.
/// </remarks>
public sealed record RouteOptions
{
    /// <summary>MQTT topic filter. Default <c>#</c>: every topic that does not start with <c>$</c>.</summary>
    public string Filter { get; set; } = "#";

    /// <summary>Template of the topic. Characters Kafka does not allow become <c>_</c>. Default <c>telemetry</c>.</summary>
    public string Topic { get; set; } = "telemetry";

    /// <summary>Template of the key. What expands to nothing is no key: such records keep to one partition per client. Default <c>{topic}</c>.</summary>
    public string Key { get; set; } = "{topic}";

    /// <summary>Who waits when admission control holds back: lower first. -10 to 10. Default 0.</summary>
    public int Priority { get; set; }

    /// <summary>What is done with the payload. Empty or <c>raw</c>: its bytes are stored untouched; <c>json</c>, <c>senml</c>, <c>sparkplug</c>.</summary>
    public string Payload { get; set; } = "";

    /// <summary>With <c>json</c>: field that is the record's time, for example <c>{$.ts}</c>. Empty: the time it arrives.</summary>
    public string Timestamp { get; set; } = "";

    /// <summary>With <c>json</c>: field that is the record's value, for example <c>{$.value}</c>. Empty: the whole payload.</summary>
    public string Value { get; set; } = "";
}
