using System.Text.Json;
using Edge.Catalog.Store;

namespace Edge.Catalog.Users;

/// <summary>A user as <c>__catalog</c> holds it, key <c>user/NAME</c>. No password is in it, only what checks one.</summary>
internal static class UserJson
{
    private const int Version = 1;

    public static byte[] Write(CatalogUser user)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteNumber("version", Version);
            json.WriteString("created", user.Created);
            if (user.Password is { } password)
            {
                json.WriteStartObject("password");
                json.WriteBase64String("salt", password.Salt);
                json.WriteNumber("iterations", password.Iterations);
                json.WriteBase64String("hash", password.Hash);
                json.WriteEndObject();
            }
            WriteScram(json, "scram256", user.Scram256);
            WriteScram(json, "scram512", user.Scram512);
            json.WriteStartArray("rules");
            foreach (AclRule rule in user.Rules)
            {
                json.WriteStartObject();
                json.WriteNumber("allow", (int)rule.Operations);
                json.WriteString("pattern", rule.Pattern);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteEndObject();
        }
        return buffer.ToArray();
    }

    /// <summary>Null: a newer version wrote it, or it is damaged. Such a user cannot log in.</summary>
    public static CatalogUser? TryRead(string key, ReadOnlyMemory<byte> value)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(value);
            JsonElement root = document.RootElement;
            if (root.GetProperty("version").GetInt32() != Version) return null;
            PasswordHash? password = root.TryGetProperty("password", out JsonElement p)
                ? new PasswordHash(p.GetProperty("salt").GetBytesFromBase64(), p.GetProperty("iterations").GetInt32(), p.GetProperty("hash").GetBytesFromBase64()) : null;
            return new CatalogUser(
                key[CatalogKeys.User.Length..], password, ReadScram(root, "scram256"), ReadScram(root, "scram512"),
                [.. root.GetProperty("rules").EnumerateArray().Select(r => new AclRule((AclOperation)r.GetProperty("allow").GetInt32(), r.GetProperty("pattern").GetString()!))],
                root.GetProperty("created").GetDateTimeOffset());
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            return null;
        }
    }

    private static void WriteScram(Utf8JsonWriter json, string name, ScramKeys? keys)
    {
        if (keys is null) return;
        json.WriteStartObject(name);
        json.WriteBase64String("salt", keys.Salt);
        json.WriteNumber("iterations", keys.Iterations);
        json.WriteBase64String("storedKey", keys.StoredKey);
        json.WriteBase64String("serverKey", keys.ServerKey);
        json.WriteEndObject();
    }

    private static ScramKeys? ReadScram(JsonElement root, string name) => root.TryGetProperty(name, out JsonElement s)
        ? new ScramKeys(s.GetProperty("salt").GetBytesFromBase64(), s.GetProperty("iterations").GetInt32(), s.GetProperty("storedKey").GetBytesFromBase64(), s.GetProperty("serverKey").GetBytesFromBase64())
        : null;
}
