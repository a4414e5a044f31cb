using System.Security.Cryptography;
using System.Text;
using LiteDB;

namespace Edge.Catalog.Store;

/// <summary>Catalog entries as LiteDB documents and back. Documents only, no mapped types: a native build has no reflection for them.</summary>
internal static class CatalogDocuments
{
    public const string Devices = "devices", Topics = "topics", Routes = "routes", Sensors = "sensors";

    public static readonly string[] Collections = [Devices, Topics, Routes, Sensors];

    /// <summary>Collection and id of a key of <c>__catalog</c>; false when it is none of the catalog's.</summary>
    public static bool TryLocate(string key, out string collection, out BsonValue id)
    {
        (collection, id) = ("", BsonValue.Null);
        if (key.StartsWith(CatalogKeys.Device, StringComparison.Ordinal)) (collection, id) = (Devices, Id(key[CatalogKeys.Device.Length..]));
        else if (key.StartsWith(CatalogKeys.Route, StringComparison.Ordinal) && int.TryParse(key.AsSpan(CatalogKeys.Route.Length), out int index)) (collection, id) = (Routes, index);
        else if (key.StartsWith(CatalogKeys.Sensor, StringComparison.Ordinal)) (collection, id) = (Sensors, Id(key[CatalogKeys.Sensor.Length..]));
        return collection.Length > 0;
    }

    /// <summary>LiteDB indexes at most 1023 bytes: a longer name is known by its start and its hash.</summary>
    public static BsonValue Id(string name) => Encoding.UTF8.GetByteCount(name) <= 512
        ? name
        : $"{name[..100]}#{Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(name)))}";

    public static BsonDocument From(object entry) => entry switch
    {
        CatalogDevice d => new()
        {
            ["_id"] = Id(d.ClientId), ["client"] = d.ClientId, ["firstSeenMs"] = d.FirstSeen.ToUnixTimeMilliseconds(), ["lastSeenMs"] = d.LastSeen.ToUnixTimeMilliseconds(),
            ["user"] = d.User is null ? BsonValue.Null : d.User, ["address"] = d.Address, ["connects"] = d.Connects,
        },
        CatalogTopic t => new()
        {
            ["_id"] = Id(t.Name), ["name"] = t.Name, ["id"] = t.Id.ToString("D"), ["partitions"] = t.Partitions, ["retentionMs"] = t.RetentionMs, ["retentionBytes"] = t.RetentionBytes,
            ["cleanup"] = t.CleanupPolicy, ["full"] = t.Full, ["internal"] = t.IsInternal,
        },
        CatalogRoute r => new()
        {
            ["_id"] = r.Index, ["filter"] = r.Filter, ["topic"] = r.Topic, ["key"] = r.Key, ["priority"] = r.Priority, ["payload"] = r.Payload,
        },
        CatalogSensor s => new()
        {
            ["_id"] = Id(s.Name), ["name"] = s.Name, ["driver"] = s.Driver, ["topic"] = s.Topic, ["key"] = s.Key, ["intervalMs"] = (long)s.Interval.TotalMilliseconds,
            ["settings"] = new BsonArray(s.Settings.OrderBy(static p => p.Key, StringComparer.Ordinal).Select(static p => (BsonValue)new BsonArray(p.Key, p.Value))),
        },
        _ => throw new ArgumentException($"{entry.GetType().Name} is not a catalog entry", nameof(entry)),
    };

    public static CatalogDevice Device(BsonDocument d) => new(
        d["client"].AsString, DateTimeOffset.FromUnixTimeMilliseconds(d["firstSeenMs"].AsInt64), DateTimeOffset.FromUnixTimeMilliseconds(d["lastSeenMs"].AsInt64),
        d["user"].IsNull ? null : d["user"].AsString, d["address"].AsString, d["connects"].AsInt64);

    public static CatalogTopic Topic(BsonDocument d) => new(
        d["name"].AsString, Guid.Parse(d["id"].AsString), d["partitions"].AsInt32, d["retentionMs"].AsInt64, d["retentionBytes"].AsInt64, d["cleanup"].AsString, d["full"].AsString, d["internal"].AsBoolean);

    public static CatalogRoute Route(BsonDocument d) => new(
        d["_id"].AsInt32, d["filter"].AsString, d["topic"].AsString, d["key"].AsString, d["priority"].AsInt32, d["payload"].AsString);

    public static CatalogSensor Sensor(BsonDocument d) => new(
        d["name"].AsString, d["driver"].AsString, d["topic"].AsString, d["key"].AsString, TimeSpan.FromMilliseconds(d["intervalMs"].AsInt64),
        d["settings"].AsArray.ToDictionary(static p => p[0].AsString, static p => p[1].AsString, StringComparer.Ordinal));
}
