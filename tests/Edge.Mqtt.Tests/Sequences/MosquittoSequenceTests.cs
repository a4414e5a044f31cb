using Edge.Mqtt.Tests.Support;
using Xunit.Abstractions;

namespace Edge.Mqtt.Tests.Sequences;

/// <summary>The packet sequences of mosquitto's own test-suite. They are not part of this repository: <c>MQTT_SEQUENCES</c> names their folder.</summary>
public sealed class MosquittoSequenceTests(ITestOutputHelper output)
{
    // Raised as far as it goes; what is missing is explained in edge/Edge.Mqtt/README.md.
    private const double PassFloor = 0.995, StrictFloor = 0.985;

    [AttributeUsage(AttributeTargets.Method)]
    private sealed class FactWithSequencesAttribute : FactAttribute
    {
        public FactWithSequencesAttribute()
        {
            if (Folder is null) Skip = "MQTT_SEQUENCES does not name a folder with mosquitto's packet sequences.";
        }
    }

    private static string? Folder => Environment.GetEnvironmentVariable("MQTT_SEQUENCES") is { Length: > 0 } folder && Directory.Exists(folder) ? folder : null;

    [FactWithSequences]
    public async Task Sequences_AgainstBroker_PassAboveTheFloor()
    {
        await using TestBroker broker = await TestBroker.StartAsync();
        SequenceRunner runner = new(broker.Port);
        Dictionary<SequenceGrade, int> grades = new() { [SequenceGrade.Strict] = 0, [SequenceGrade.Order] = 0, [SequenceGrade.Closed] = 0, [SequenceGrade.Fail] = 0 };
        int total = 0;
        foreach (PacketSequence sequence in PacketSequence.Load(Folder!))
        {
            (SequenceGrade grade, string reason) = await runner.RunAsync(sequence);
            grades[grade]++;
            total++;
            if (grade != SequenceGrade.Strict) output.WriteLine($"{grade}: {sequence.Name}: {reason}");
        }
        string summary = $"{total} sequences: {grades[SequenceGrade.Strict]} strict, {grades[SequenceGrade.Order]} in another order that is allowed, {grades[SequenceGrade.Closed]} closed, {grades[SequenceGrade.Fail]} failed";
        output.WriteLine(summary);
        Assert.True(total > 0, "no sequences were found");
        Assert.True(total - grades[SequenceGrade.Fail] >= total * PassFloor && grades[SequenceGrade.Strict] >= total * StrictFloor, summary);
    }
}
