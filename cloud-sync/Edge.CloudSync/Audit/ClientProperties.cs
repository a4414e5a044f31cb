namespace Edge.CloudSync.Audit;

/// <summary>Reads a <c>client.properties</c> file: librdkafka's names as they are, the common ones of Java's clients translated.</summary>
public static class ClientProperties
{
    /// <summary>Java's settings that mean nothing to librdkafka, or that the reader decides itself.</summary>
    private static readonly HashSet<string> Ignored = new(StringComparer.Ordinal)
    {
        "key.serializer", "value.serializer", "key.deserializer", "value.deserializer", "partition.assignment.strategy", "ssl.truststore.type", "ssl.keystore.type",
        "max.poll.records", "default.api.timeout.ms", "request.timeout.ms", "group.id", "enable.auto.commit", "auto.offset.reset", "isolation.level",
    };

    /// <param name="text">Content of the file: <c>name=value</c> lines; <c>#</c> and <c>!</c> start comments.</param>
    /// <exception cref="FormatException">A line is not of that form, or needs a Java key store.</exception>
    public static Dictionary<string, string> Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var properties = new Dictionary<string, string>(StringComparer.Ordinal);
        int number = 0;
        foreach (string raw in text.ReplaceLineEndings("\n").Replace("\\\n", "", StringComparison.Ordinal).Split('\n'))
        {
            number++;
            string line = raw.Trim();
            if (line.Length == 0 || line[0] is '#' or '!') continue;
            int equals = line.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0) throw new FormatException($"Line {number} is not of the form name=value.");
            Add(properties, line[..equals].Trim(), line[(equals + 1)..].Trim());
        }
        return properties;
    }

    private static void Add(Dictionary<string, string> properties, string name, string value)
    {
        if (Ignored.Contains(name)) return;
        switch (name)
        {
            case "sasl.jaas.config":
                if (JaasOption(value, "username") is { } user) properties["sasl.username"] = user;
                if (JaasOption(value, "password") is { } password) properties["sasl.password"] = password;
                break;
            case "ssl.truststore.location":
                if (!value.EndsWith(".pem", StringComparison.Ordinal)) throw new FormatException($"ssl.truststore.location is '{value}'; give the certificates as PEM (ssl.ca.location).");
                properties["ssl.ca.location"] = value;
                break;
            case "ssl.truststore.certificates": properties["ssl.ca.pem"] = value; break;
            case "ssl.keystore.certificate.chain": properties["ssl.certificate.pem"] = value; break;
            case "ssl.keystore.key": properties["ssl.key.pem"] = value; break;
            case "ssl.truststore.password": break; // PEM has none
            default: properties[name] = value; break;
        }
    }

    /// <summary><c>username="…"</c> out of a JAAS line.</summary>
    private static string? JaasOption(string jaas, string option)
    {
        int at = jaas.IndexOf(option + "=", StringComparison.Ordinal);
        if (at < 0) return null;
        int start = at + option.Length + 1;
        if (start >= jaas.Length) return null;
        char end = jaas[start] is '"' or '\'' ? jaas[start++] : ' ';
        int stop = jaas.IndexOfAny(end == ' ' ? [' ', ';'] : [end], start);
        return stop < 0 ? jaas[start..] : jaas[start..stop];
    }
}
