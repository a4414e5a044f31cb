using System.Globalization;

namespace Edge.Kafka.Groups;

/// <summary>Key of a committed offset: <c>group/topic/partition</c>. A topic name has no slash, so the key is taken apart from its end and a group name may have any.</summary>
internal readonly record struct OffsetKey(string Group, string Topic, int Partition)
{
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Group}/{Topic}/{Partition}");

    public static bool TryParse(string text, out OffsetKey key)
    {
        key = default;
        int last = text.LastIndexOf('/');
        int middle = last <= 0 ? -1 : text.LastIndexOf('/', last - 1);
        if (middle <= 0 || !int.TryParse(text.AsSpan(last + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int partition)) return false;
        key = new(text[..middle], text[(middle + 1)..last], partition);
        return true;
    }
}
