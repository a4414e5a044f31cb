using Xunit;
using Xunit.Abstractions;

namespace Edge.Fuzz.Tests.Mqtt;

/// <summary>No packets make the broker fail, grow, or leave others unserved. scripts/fuzz runs the same, a million packets.</summary>
public sealed class MqttFuzzTests(ITestOutputHelper output)
{
    [Fact]
    public async Task Packets_Mutated_DisturbNobody()
    {
        int seed = Random.Shared.Next();
        output.WriteLine($"seed {seed}");
        IReadOnlyList<string> problems = await new MqttFuzz(seed, 30_000, output.WriteLine).RunAsync();
        Assert.True(problems.Count == 0, $"seed {seed}:\n{string.Join('\n', problems)}");
    }
}
