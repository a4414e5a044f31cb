namespace Edge.Mqtt.Security;

/// <summary>A user and its rights (<c>Users:name:*</c>).</summary>
/// <remarks>In filters <c>%u</c> stands for the user name and <c>%c</c> for the client id.</remarks>
public sealed record MqttUser
{
    /// <summary>Salted hash as <see cref="MqttPassword.Hash"/> writes it. Empty: <see cref="PasswordFile"/>, or a client certificate only.</summary>
    public string PasswordHash { get; set; } = "";

    /// <summary>A file that holds the password itself (a systemd credential, a mounted secret); read at start.</summary>
    public string PasswordFile { get; set; } = "";

    /// <summary>Filters of topics it may publish to.</summary>
    public IReadOnlyList<string> Publish { get; set; } = [];

    /// <summary>Filters it may subscribe to; a narrower one is allowed too.</summary>
    public IReadOnlyList<string> Subscribe { get; set; } = [];

    /// <summary>Every problem at once, each with the key in front.</summary>
    public IEnumerable<string> Validate(string name)
    {
        string path = $"Users:{name}";
        if (name.Length is 0 or > 128 || name.AsSpan().ContainsAny("+#/\0")) yield return $"{path}: a user name has 1 to 128 characters and none of + # /.";
        if (PasswordHash.Length > 0 && PasswordFile.Length > 0) yield return $"{path} has a PasswordHash and a PasswordFile; leave one out.";
        if (PasswordHash.Length > 0 && !MqttPassword.IsHash(PasswordHash)) yield return $"{path}:PasswordHash is not of the form pbkdf2-sha256$iterations$salt$hash (base64).";
        foreach ((string key, IReadOnlyList<string> filters) in new[] { ("Publish", Publish), ("Subscribe", Subscribe) })
            foreach (string filter in filters)
                if (!Protocol.MqttText.IsTopicFilter(System.Text.Encoding.UTF8.GetBytes(filter), ushort.MaxValue, 200)) yield return $"{path}:{key} has '{filter}', which is no MQTT filter.";
    }
}
