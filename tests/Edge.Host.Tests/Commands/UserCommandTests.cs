using System.Text.Json;
using Edge.Testing.Processes;
using Xunit;

namespace Edge.Host.Tests.Commands;

public sealed class UserCommandTests
{
    [Fact]
    public async Task UserAndAcl_AddListRemove_ActOnTheRunningAppliance()
    {
        await using TestAppliance appliance = await TestAppliance.StartAsync();
        CommandResult added = await appliance.RunWithInputAsync("correct horse\n", "user", "add", "pump");
        Assert.True(added.ExitCode == 0, added.StandardError);
        Assert.Equal(2, (await appliance.RunWithInputAsync("correct horse\n", "user", "add", "pump")).ExitCode);
        Assert.Equal(2, (await appliance.RunWithInputAsync("short\n", "user", "add", "other")).ExitCode);
        Assert.Equal(0, (await appliance.RunAsync("acl", "add", "pump", "publish,subscribe", "sensors/%u/#")).ExitCode);
        Assert.Equal(2, (await appliance.RunAsync("acl", "add", "pump", "fly", "#")).ExitCode);
        Assert.Equal(2, (await appliance.RunAsync("acl", "add", "nobody", "publish", "#")).ExitCode);
        JsonElement user = JsonDocument.Parse((await appliance.RunAsync("user", "list", "--json")).StandardOutput).RootElement.GetProperty("users")[0];
        Assert.Equal(("pump", true, "publish,subscribe"), (user.GetProperty("name").GetString(), user.GetProperty("password").GetBoolean(), user.GetProperty("rules")[0].GetProperty("operation").GetString()));
        Assert.Contains("sensors/%u/#", (await appliance.RunAsync("acl", "list")).StandardOutput, StringComparison.Ordinal);
        Assert.Equal(0, (await appliance.RunAsync("acl", "remove", "pump", "publish", "sensors/%u/#")).ExitCode);
        Assert.Equal(0, (await appliance.RunAsync("user", "remove", "pump")).ExitCode);
        Assert.DoesNotContain("pump", (await appliance.RunAsync("user", "list")).StandardOutput, StringComparison.Ordinal);
    }

    // Another user of the machine reaches the port but cannot read run.json.
    [Fact]
    public async Task Users_WithoutTheToken_AreNotTold()
    {
        await using TestAppliance appliance = await TestAppliance.StartAsync();
        Assert.Equal(4, (await TestAppliance.CliAsync("", "user", "list", "--url", appliance.Appliance.Url)).ExitCode);
        Assert.Equal(4, (await TestAppliance.CliAsync("longenough\n", "user", "add", "x", "--url", appliance.Appliance.Url)).ExitCode);
    }

    [Fact]
    public async Task Start_CertificateThatIsNone_IsRefusedByName()
    {
        using var directory = new TempDirectory();
        string file = directory.At("edge.pem");
        await File.WriteAllTextAsync(file, "no certificate");
        var refused = await Assert.ThrowsAsync<Edge.Host.Composition.StartException>(() => TestAppliance.StartAsync(false, directory, $"Tls:Certificate={file}"));
        Assert.Contains("Tls:Certificate", refused.Message, StringComparison.Ordinal);
    }
}
