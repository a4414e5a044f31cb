using Xunit;

namespace Edge.Architecture.Tests.Scripts;

/// <summary>The scripts on a machine without the SDK: they bring it in, or say exactly how.</summary>
public sealed class BootstrapTests : IDisposable
{
    private readonly FakeCheckout _checkout = new();

    public void Dispose() => _checkout.Dispose();

    [Fact]
    public void Run_SdkMissing_BringsItIntoTheCheckoutBuildsAndStarts()
    {
        string script = _checkout.Write("install.sh", FakeCheckout.InstallScript);

        (int exitCode, string output) = _checkout.Run("scripts/run", ["--for", "1"], ("DOTNET_INSTALL_SCRIPT", script));

        Assert.True(exitCode == 0, output);
        Assert.Contains("The .NET SDK 10.0 is missing: no dotnet command was found", output, StringComparison.Ordinal);
        Assert.Contains(".dotnet inside this checkout", output, StringComparison.Ordinal);
        Assert.EndsWith("edge: demo --for 1\n", output, StringComparison.Ordinal);
        Assert.Contains($"install: --channel 10.0 --install-dir {_checkout.Root}/.dotnet --no-path", _checkout.Calls, StringComparison.Ordinal);
        Assert.Contains("dotnet: restore", _checkout.Calls, StringComparison.Ordinal);
    }

    [Fact]
    public void Run_SecondTime_NeitherInstallsNorBuilds()
    {
        string script = _checkout.Write("install.sh", FakeCheckout.InstallScript);
        Assert.Equal(0, _checkout.Run("scripts/run", [], ("DOTNET_INSTALL_SCRIPT", script)).ExitCode);
        string before = _checkout.Calls;

        (int exitCode, string output) = _checkout.Run("scripts/run", []);

        Assert.True(exitCode == 0, output);
        Assert.Equal("dotnet: --version\n", _checkout.Calls[before.Length..]);
        Assert.Contains("up to date", output, StringComparison.Ordinal);
    }

    [Fact]
    public void Build_SourceChanged_BuildsAgain()
    {
        string script = _checkout.Write("install.sh", FakeCheckout.InstallScript);
        Assert.Equal(0, _checkout.Run("scripts/build", [], ("DOTNET_INSTALL_SCRIPT", script)).ExitCode);
        string before = _checkout.Calls;
        // The stamp's clock, not this test's: a file exactly as old as the stamp would count as built.
        string source = _checkout.Write("edge/New.cs", "");
        File.SetLastWriteTimeUtc(source, File.GetLastWriteTimeUtc(Path.Combine(_checkout.Root, "artifacts/edge/.built")).AddSeconds(1));

        Assert.Equal(0, _checkout.Run("scripts/build", []).ExitCode);

        Assert.Contains("dotnet: publish", _checkout.Calls[before.Length..], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("scripts/run")]
    [InlineData("scripts/build")]
    [InlineData("scripts/test")]
    public void Scripts_InstallForbidden_OnlySayHow(string script)
    {
        (int exitCode, string output) = _checkout.Run(script, [], ("NO_INSTALL", "1"));

        Assert.Equal(2, exitCode);
        Assert.Contains("NO_INSTALL=1", output, StringComparison.Ordinal);
        Assert.Contains("bash dotnet-install.sh --channel 10.0 --install-dir", output, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(_checkout.Root, ".dotnet")), "something was installed");
    }

    [Fact]
    public void Test_InstallForbidden_GivesTheOneLineForTheMissingPackages()
    {
        (_, string output) = _checkout.Run("scripts/test", [], ("NO_INSTALL", "1"));

        Assert.Contains("type: sudo apt-get install -y --no-install-recommends mosquitto-clients ", output, StringComparison.Ordinal);
        Assert.Contains(" kcat ", output, StringComparison.Ordinal);
        Assert.Contains(" clang ", output, StringComparison.Ordinal);
    }

    [Fact]
    public void Run_AddressNotReachable_StopsWithTheLinesToType()
    {
        _checkout.AddTool("curl", "#!/usr/bin/env bash\necho 'curl: (6) Could not resolve host' >&2\nexit 6\n");

        (int exitCode, string output) = _checkout.Run("scripts/run", []);

        Assert.Equal(2, exitCode);
        Assert.Contains("https://dot.net/v1/dotnet-install.sh cannot be reached", output, StringComparison.Ordinal);
        Assert.Contains("DOTNET_INSTALL_SCRIPT=", output, StringComparison.Ordinal);
        Assert.Contains("start scripts/run again", output, StringComparison.Ordinal);
    }

    [Fact]
    public void Run_AddressAnswersAPage_IsNotRun()
    {
        _checkout.AddTool("curl", "#!/usr/bin/env bash\nwhile [ $# -gt 0 ]; do case $1 in -o) echo '<html>Log in' >\"$2\" ;; esac; shift; done\n");

        (int exitCode, string output) = _checkout.Run("scripts/run", []);

        Assert.Equal(2, exitCode);
        Assert.Contains("is not a shell script (its first line: <html>Log in)", output, StringComparison.Ordinal);
    }

    [Fact]
    public void Run_NoDownloader_SaysWhatToInstall()
    {
        (int exitCode, string output) = _checkout.Run("scripts/run", []);

        Assert.Equal(2, exitCode);
        Assert.Contains("neither curl nor wget", output, StringComparison.Ordinal);
        Assert.Contains("apt-get install -y curl", output, StringComparison.Ordinal);
    }

    [Fact]
    public void Run_InstallScriptFails_ShowsItsReason()
    {
        string script = _checkout.Write("install.sh", "#!/usr/bin/env bash\necho 'dotnet_install: Error: no space left'\nexit 1\n");

        (int exitCode, string output) = _checkout.Run("scripts/run", [], ("DOTNET_INSTALL_SCRIPT", script));

        Assert.Equal(2, exitCode);
        Assert.Contains("no space left", output, StringComparison.Ordinal);
    }

    [Fact]
    public void Run_InstallScriptNotThere_NamesIt()
    {
        (int exitCode, string output) = _checkout.Run("scripts/run", [], ("DOTNET_INSTALL_SCRIPT", "/no/such/script.sh"));

        Assert.Equal(2, exitCode);
        Assert.Contains("/no/such/script.sh, which cannot be read", output, StringComparison.Ordinal);
    }

    [Fact]
    public void Run_OlderSdkOnThePath_IsSaidAndNotUsed()
    {
        _checkout.AddTool("dotnet", "#!/usr/bin/env bash\ncase $1 in --list-sdks) echo '8.0.100 [/x]' ;; *) exit 1 ;; esac\n");

        (int exitCode, string output) = _checkout.Run("scripts/run", [], ("NO_INSTALL", "1"));

        Assert.Equal(2, exitCode);
        Assert.Contains("has no SDK that global.json accepts (it has: 8.0.100)", output, StringComparison.Ordinal);
    }
}
