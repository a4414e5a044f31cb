using System.Text.Json;
using Edge.Testing.Processes;
using Xunit;

namespace Edge.Host.Tests.Commands;

public sealed class HardwareCommandTests
{
    [Fact]
    public async Task Detect_Simulated_ListsDevicesAndAConfigurationThatIsRight()
    {
        CommandResult result = await TestAppliance.CliAsync("", "hardware", "detect", "--json", "--set", "Hardware:Simulate=true");
        Assert.Equal(0, result.ExitCode);
        JsonElement found = JsonDocument.Parse(result.StandardOutput).RootElement;
        Assert.Contains(found.GetProperty("devices").EnumerateArray(), static d => d.GetProperty("address").GetString() == "0x76" && d.GetProperty("drivers")[0].GetString() == "bme280" && d.GetProperty("certain").GetBoolean());
        using var directory = new TempDirectory();
        string file = directory.At("edge.json");
        await File.WriteAllTextAsync(file, found.GetProperty("proposed").GetRawText());
        Assert.Equal(0, (await TestAppliance.CliAsync("", "config", "check", file)).ExitCode);
    }

    [Fact]
    public async Task Pins_SimulatedPlant_ShowsWhatUsesThem()
    {
        CommandResult result = await TestAppliance.CliAsync("", "hardware", "pins", "--set", "Hardware:Simulate=true");
        Assert.Equal(0, result.ExitCode);
        string[] lines = result.StandardOutput.TrimEnd('\n').Split('\n');
        Assert.Equal(20, lines.Length);
        Assert.Contains("GPIO2 [I2C bus 1]", lines[1], StringComparison.Ordinal);
        Assert.Contains("GPIO17 [flow]", lines[5], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Watch_Simulated_PrintsEdgesWithSequence()
    {
        CommandResult result = await TestAppliance.CliAsync("", "hardware", "watch", "header pin 11", "--max", "3", "--json", "--set", "Hardware:Simulate=true", "--set", "Sensors=[]").WaitAsync(TimeSpan.FromSeconds(60));
        Assert.Equal(0, result.ExitCode);
        string[] lines = result.StandardOutput.TrimEnd('\n').Split('\n');
        Assert.Equal([1, 2, 3], lines.Select(static l => JsonDocument.Parse(l).RootElement.GetProperty("sequence").GetInt32()));
    }

    [Fact]
    public async Task Blink_Simulated_EndsAndSaysHowOften()
    {
        CommandResult result = await TestAppliance.CliAsync("", "hardware", "blink", "GPIO23", "--times", "2", "--period", "20ms", "--json", "--set", "Hardware:Simulate=true", "--set", "Sensors=[]");
        Assert.Equal((0, """{"line":"GPIO23","times":2}"""), (result.ExitCode, result.StandardOutput.TrimEnd('\n')));
    }

    [Theory]
    [InlineData(2, "use 1 to 10000", "hardware", "blink", "GPIO23", "--times", "0")]
    [InlineData(2, "use 20ms to 1min", "hardware", "blink", "GPIO23", "--period", "1ms")]
    [InlineData(3, "which is GND on a Raspberry Pi 4", "hardware", "blink", "header pin 6", "--set", "Hardware:Board=pi4")]
    [InlineData(3, "gpiochip77", "hardware", "watch", "gpiochip77:1")]
    [InlineData(2, "Hardware:Board", "hardware", "pins", "--set", "Hardware:Board=pi9")]
    public async Task Run_BadInput_HasItsExitCodeAndNamesTheThing(int exitCode, string says, params string[] arguments)
    {
        CommandResult result = await TestAppliance.CliAsync("", arguments);
        Assert.Equal(exitCode, result.ExitCode);
        Assert.Contains(says, result.StandardError, StringComparison.Ordinal);
    }
}
