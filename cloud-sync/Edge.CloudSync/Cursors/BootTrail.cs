using System.Text.Json;

namespace Edge.CloudSync.Cursors;

/// <summary>The boots of the appliance that wrote what was forwarded of one partition, oldest first, each with its first offset there.</summary>
/// <remarks>Immutable. Compared with the local boots it shows where two histories part (as KIP-101 does with epochs). A boot is named by the first 8 hex digits of its id.</remarks>
internal sealed class BootTrail
{
    /// <summary>Older boots are dropped: at this length "no boot in common" means strangers, below it only that nothing is left in common.</summary>
    public const int MaxBoots = 32;

    public static readonly BootTrail Empty = new([]);
    private readonly (string Boot, long First)[] _boots;

    private BootTrail((string Boot, long First)[] boots) => _boots = boots;

    public int Count => _boots.Length;
    public bool IsFull => _boots.Length >= MaxBoots;
    public (string Boot, long First) this[int index] => _boots[index];
    public string? Last => _boots.Length == 0 ? null : _boots[^1].Boot;

    /// <summary>The trail with one more boot; itself when the boot is the last one.</summary>
    public BootTrail With(string boot, long first)
    {
        if (Last == boot) return this;
        var kept = _boots.Length >= MaxBoots ? _boots[^(MaxBoots - 1)..] : _boots;
        return new BootTrail([.. kept, (boot, first)]);
    }

    /// <summary>The trail as it was when forwarding stood at <paramref name="next"/>.</summary>
    public BootTrail Before(long next) => new([.. _boots.Where(boot => boot.First < next)]);

    /// <summary>Where the boot ends: the first offset of the boot behind it, or <paramref name="next"/> for the last one.</summary>
    public long EndOf(int index, long next) => index + 1 < _boots.Length ? Math.Min(_boots[index + 1].First, next) : next;

    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartArray();
        foreach ((string boot, long first) in _boots)
        {
            json.WriteStartArray();
            json.WriteStringValue(boot);
            json.WriteNumberValue(first);
            json.WriteEndArray();
        }
        json.WriteEndArray();
    }

    /// <exception cref="InvalidOperationException">Not of that form.</exception>
    public static BootTrail Read(JsonElement array)
    {
        var boots = new List<(string, long)>();
        foreach (JsonElement pair in array.EnumerateArray()) boots.Add((pair[0].GetString() ?? "", pair[1].GetInt64()));
        return new BootTrail([.. boots.TakeLast(MaxBoots)]);
    }
}
