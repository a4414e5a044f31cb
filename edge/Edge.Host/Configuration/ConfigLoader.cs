using System.Globalization;
using System.Net;
using Edge.Hardware;
using Edge.Hardware.Simulation;
using Edge.Ingest.Routing;

namespace Edge.Host.Configuration;

/// <summary>Makes options from file, environment and command line; reports every problem at once.</summary>
public static class ConfigLoader
{
    /// <exception cref="ConfigException">At least one problem; names all.</exception>
    public static LoadedConfig Load(ConfigInput input)
    {
        ArgumentNullException.ThrowIfNull(input);
        var problems = new List<ConfigProblem>();
        var sources = new ConfigSources(problems);
        if (input.File is not null) sources.AddFile(input.File);
        sources.AddEnvironment(input.Environment);
        foreach (string setting in input.Settings) sources.AddSetting(setting);

        var options = new EdgeOptions();
        if (input.IsHub) options.Sync.Enabled = false;
        var origins = new SortedDictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        // Defaults of topics first: a named topic begins as a copy of them. Lists in the order of their indices.
        foreach (ConfigValue value in sources.Values.OrderBy(static v => v.Key.StartsWith("Topics:Defaults", StringComparison.OrdinalIgnoreCase) ? 0 : 1))
        {
            if (Apply(options, value, problems) is { } name) origins[name] = value.Origin;
        }
        CheckIndices(sources, problems);
        bool hasSensors = options.Sensors.Count > 0 || sources.IsEmptied("Sensors");
        if (!hasSensors && !input.IsHub) options.Sensors.AddRange(options.Hardware.Simulate ? SimulatedSensors.Default : [new SensorOptions()]);
        options.Sync.Site = options.Site;
        CheckTogether(options, problems);
        return problems.Count > 0 ? throw new ConfigException(problems) : new LoadedConfig(options, origins);
    }

    /// <summary>Puts one value in place. Null when it is a problem.</summary>
    private static string? Apply(EdgeOptions options, ConfigValue value, List<ConfigProblem> problems)
    {
        string[] path = value.Key.Split(':');
        foreach (ConfigKey key in ConfigKeys.All)
        {
            if (!key.Matches(path, out string wild)) continue;
            if (ListProblem(key, path) is { } listProblem)
            {
                problems.Add(new(value.Key, null, listProblem, value.Origin));
                return null;
            }
            if (key.TryApply(options, wild, value)) return key.NameOf(wild);
            bool isQuoted = value.Kind == System.Text.Json.JsonValueKind.String && key.Kind is ConfigKind.Number or ConfigKind.Boolean;
            problems.Add(new(value.Key, key.IsSecret ? "***" : value.Text, isQuoted ? $"{key.Allowed}, without quotes" : key.Allowed, value.Origin));
            return null;
        }
        problems.Add(new(value.Key, null, Unknown(value.Key), value.Origin));
        return null;
    }

    private static string? ListProblem(ConfigKey key, string[] path)
    {
        if (!ConfigKeys.Lists.Contains(path[0], StringComparer.OrdinalIgnoreCase) || key.Parts[1] != "*") return null;
        return int.TryParse(path[1], NumberStyles.None, CultureInfo.InvariantCulture, out int index) && index < 1000
            ? null : $"'{path[1]}' is no index; entries of {key.Parts[0]} are numbered 0 to 999";
    }

    /// <summary>Entries that were left out would silently be made of defaults.</summary>
    private static void CheckIndices(ConfigSources sources, List<ConfigProblem> problems)
    {
        foreach (string list in ConfigKeys.Lists)
        {
            int expected = 0;
            foreach (int index in sources.Values.Select(v => v.Key.Split(':')).Where(p => p.Length > 2 && p[0].Equals(list, StringComparison.OrdinalIgnoreCase))
                .Select(static p => int.TryParse(p[1], NumberStyles.None, CultureInfo.InvariantCulture, out int i) && i < 1000 ? i : -1).Where(static i => i >= 0).Distinct().Order())
            {
                if (index != expected) problems.Add(new($"{list}:{index}", null, $"is given without {list}:{expected}; entries are numbered from 0 without a hole", ""));
                expected = index + 1;
            }
        }
    }

    private static string Unknown(string name)
    {
        if (ConfigKeys.All.Any(key => key.Name.StartsWith($"{name}:", StringComparison.OrdinalIgnoreCase))) return "is a section: give it an object or a list of keys";
        foreach ((string later, string reason) in ConfigKeys.NotInThisVersion)
        {
            if (name.Equals(later, StringComparison.OrdinalIgnoreCase) || name.StartsWith($"{later}:", StringComparison.OrdinalIgnoreCase))
                return $"not in this version ({reason}); leave it out";
        }
        return ConfigHints.Nearest(name) is { } nearest ? $"unknown key; did you mean {nearest}" : "unknown key; 'edge config schema' lists all";
    }

    /// <summary>What only shows when all values are there. A key that already has a problem of its own is passed over.</summary>
    private static void CheckTogether(EdgeOptions options, List<ConfigProblem> problems)
    {
        string[] known = [.. problems.Select(static p => p.Key)];
        CheckListener("Mqtt", options.Mqtt.BindAddress, options.Mqtt.UnsafePlaintext);
        CheckListener("Kafka", options.Kafka.BindAddress, options.Kafka.UnsafePlaintext);
        CheckListener("Http", options.Http.BindAddress, options.Http.UnsafePlaintext);
        CheckPorts(options, problems);
        if (options.Mqtt.RequireClientCertificate && options.Tls.ClientCa.Length == 0) Say("Mqtt:RequireClientCertificate is true without Tls:ClientCa; name the file with the roots of client certificates.");
        if (options.Tls.ClientCa.Length > 0 && options.Tls.Certificate.Length == 0) Say($"Tls:ClientCa is '{options.Tls.ClientCa}' without Tls:Certificate; an encrypted listener needs a certificate.");
        IEnumerable<string> sentences =
        [
            .. options.Log.Validate(), .. options.Ingest.Validate(), .. options.Mqtt.Validate().Where(static s => !s.Contains("UnsafePlaintext", StringComparison.Ordinal)), .. options.Kafka.Validate(),
            .. options.Sync.Validate(), .. RouteTable.Validate(options.Routes), .. SensorOptionsValidator.Validate(options.Sensors, options.Hardware),
        ];
        foreach (string sentence in sentences) Say(sentence);

        void Say(string sentence)
        {
            string key = sentence.Split([' ', ','], 2)[0];
            if (!known.Contains(key, StringComparer.OrdinalIgnoreCase)) problems.Add(new(key, null, sentence, "") { Sentence = sentence });
        }

        void CheckListener(string listener, string address, bool isAllowed)
        {
            if (!isAllowed && IPAddress.TryParse(address, out IPAddress? parsed) && !IPAddress.IsLoopback(parsed))
                Say($"{listener}:BindAddress is {address}, which other machines reach; use a loopback address, or set {listener}:UnsafePlaintext to true.");
        }
    }

    private static void CheckPorts(EdgeOptions options, List<ConfigProblem> problems)
    {
        bool hasTls = options.Tls.Certificate.Length > 0;
        (string Key, int Port)[] ports =
        [
            ("Mqtt:Port", options.Mqtt.Port), ("Kafka:Port", options.Kafka.Port), ("Http:Port", options.Http.Port),
            ("Mqtt:TlsPort", hasTls ? Math.Max(0, options.Mqtt.TlsPort) : 0), ("Kafka:TlsPort", hasTls ? Math.Max(0, options.Kafka.TlsPort) : 0),
        ];
        foreach (var same in ports.Where(static p => p.Port != 0).GroupBy(static p => p.Port).Where(static g => g.Count() > 1))
        {
            string sentence = $"{string.Join(" and ", same.Select(static p => p.Key))} are both {same.Key}; give each its own port, or 0 for any free one.";
            problems.Add(new(same.First().Key, null, sentence, "") { Sentence = sentence });
        }
    }
}
