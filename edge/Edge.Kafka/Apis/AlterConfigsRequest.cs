using Edge.Kafka.Protocol;

namespace Edge.Kafka.Apis;

/// <summary>What both alter APIs are sent: settings of resources, one by one (44) or as a whole (33), which has no operations.</summary>
internal sealed record AlterConfigsRequest(List<AlterConfigsRequest.Resource> Resources, bool ValidateOnly)
{
    public const sbyte Set = 0, Delete = 1, Append = 2, Subtract = 3;

    /// <param name="Operation"><see cref="Set"/> where the request has none.</param>
    internal readonly record struct Setting(string Name, sbyte Operation, string? Value);

    internal sealed record Resource(sbyte Type, string Name, List<Setting> Settings);

    public static AlterConfigsRequest Parse(ref KafkaReader reader, bool hasOperations)
    {
        int count = reader.ReadArrayLength(3);
        var resources = new List<Resource>(count);
        for (int i = 0; i < count; i++)
        {
            sbyte type = reader.ReadInt8();
            string name = reader.ReadString();
            int settingCount = reader.ReadArrayLength(hasOperations ? 3 : 2);
            var settings = new List<Setting>(settingCount);
            for (int s = 0; s < settingCount; s++)
            {
                settings.Add(new(reader.ReadString(), hasOperations ? reader.ReadInt8() : Set, reader.ReadNullableString()));
                reader.SkipTags();
            }
            reader.SkipTags();
            resources.Add(new(type, name, settings));
        }
        bool validateOnly = reader.ReadBool();
        reader.SkipTags();
        return new(resources, validateOnly);
    }
}
