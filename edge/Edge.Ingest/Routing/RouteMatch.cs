namespace Edge.Ingest.Routing;

/// <summary>What a route made of one MQTT topic: a usable topic name and the key's bytes (none: no key).</summary>
internal readonly record struct RouteMatch(string TopicName, byte[] Key, bool KeyIsMqttTopic, int MissingFields);
