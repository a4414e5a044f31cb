using Xunit;

namespace Edge.Architecture.Tests.Scripts;

/// <summary>scripts/test tells what came out, and its exit code says the same.</summary>
public sealed class ResultsTests : IDisposable
{
    // What `dotnet test` leaves behind, as far as it is read.
    private const string Passed = """    <UnitTestResult testName="T.A" duration="00:00:00.1" outcome="Passed" />""";
    private const string Failed =
        """
            <UnitTestResult testName="T.B(s: &quot;x&quot;)" duration="00:00:11.5" outcome="Failed">
              <Output>
                <ErrorInfo>
                  <Message>Expected: a &lt; b
        seed 42</Message>
                  <StackTrace>   at T.B(String s) in T.cs:line 6</StackTrace>
                </ErrorInfo>
              </Output>
            </UnitTestResult>
        """;
    private const string Skipped =
        """
            <UnitTestResult testName="T.C" duration="00:00:00" outcome="NotExecuted">
              <Output>
                <ErrorInfo>
                  <Message>kcat is not installed</Message>
                </ErrorInfo>
              </Output>
            </UnitTestResult>
        """;

    private readonly FakeCheckout _checkout = new();

    public void Dispose() => _checkout.Dispose();

    [Fact]
    public void Test_AllPassed_ClosesWithThePlainLine()
    {
        (int exitCode, string output) = RunTests(0, Passed + "\n" + Skipped, total: 2, passed: 1, failed: 0);

        Assert.True(exitCode == 0, output);
        Assert.EndsWith("\n1 passed, 0 failed, 1 skipped\n", output, StringComparison.Ordinal);
        Assert.Contains("1 x kcat is not installed\n      T.C\n", output, StringComparison.Ordinal);
    }

    [Fact]
    public void Test_OneFailed_NamesItWithMessageAndPlaceAndFails()
    {
        (int exitCode, string output) = RunTests(1, Passed + "\n" + Failed, total: 2, passed: 1, failed: 1);

        Assert.Equal(1, exitCode);
        Assert.Contains("T.B(s: \"x\")\n      Expected: a < b\n      seed 42\n      at T.cs:line 6\n", output, StringComparison.Ordinal);
        Assert.Contains("11 s  T.B", output, StringComparison.Ordinal);
        Assert.EndsWith("\n1 passed, 1 failed, 0 skipped\n", output, StringComparison.Ordinal);
    }

    [Fact]
    public void Test_ProcessDied_CountsAsFailure()
    {
        (int exitCode, string output) = RunTests(134, Passed, total: 1, passed: 1, failed: 0);

        Assert.Equal(1, exitCode);
        Assert.Contains("exit code 134", output, StringComparison.Ordinal);
        Assert.EndsWith("\n1 passed, 1 failed, 0 skipped\n", output, StringComparison.Ordinal);
    }

    [Fact]
    public void Test_NothingRan_Fails()
    {
        (int exitCode, string output) = RunTests(0, Skipped, total: 1, passed: 0, failed: 0);

        Assert.Equal(1, exitCode);
        Assert.EndsWith("\n0 passed, 0 failed, 1 skipped\n", output, StringComparison.Ordinal);
    }

    [Fact]
    public void Test_UnknownProject_NamesThoseThatThereAre()
    {
        (int exitCode, string output) = _checkout.Run("scripts/test", ["Nothing"]);

        Assert.Equal(2, exitCode);
        Assert.Contains("There are: Edge.Some.Tests", output, StringComparison.Ordinal);
    }

    private (int ExitCode, string Output) RunTests(int dotnetExitCode, string results, int total, int passed, int failed)
    {
        string trx = _checkout.Write("some.trx", $"<TestRun>\n{results}\n    <Counters total=\"{total}\" passed=\"{passed}\" failed=\"{failed}\" />\n</TestRun>\n");
        _checkout.AddTool("dotnet",
            $"""
            #!/usr/bin/env bash
            case $1 in
              --version) echo 10.0.499; exit ;;
              publish) mkdir -p artifacts/edge; exit ;;
              test) ;;
              *) exit ;;
            esac
            while [ $# -gt 0 ]; do case $1 in --results-directory) mkdir -p "$2"; cp {trx} "$2/Edge.Some.Tests.trx" ;; esac; shift; done
            exit {dotnetExitCode}
            """);
        return _checkout.Run("scripts/test", ["--quick"]);
    }
}
