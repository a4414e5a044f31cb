using System.Diagnostics;
using Edge.Architecture.Tests.Model;

namespace Edge.Architecture.Tests.Scripts;

/// <summary>A folder with this checkout's scripts on a machine that has no .NET: a PATH with the ordinary tools only.</summary>
/// <remarks>The stand-in for Microsoft's install script installs a stand-in for dotnet, which writes down how it was called
/// and "builds" a program that prints its arguments. So the scripts run for real, and nothing is downloaded or built.</remarks>
public sealed class FakeCheckout : IDisposable
{
    // What a Debian system has before anything is installed. No dotnet, curl, wget, apt-get or sudo.
    private static readonly string[] Tools =
        ["bash", "sh", "env", "cat", "cp", "mv", "rm", "mkdir", "chmod", "touch", "head", "tail", "cut", "sed", "awk", "grep", "sort", "paste", "find", "dirname",
         "basename", "date", "sleep", "uname", "kill", "timeout", "true", "id"];

    /// <summary>Microsoft's script, as far as ours use it: puts an SDK into --install-dir.</summary>
    public const string InstallScript =
        """
        #!/usr/bin/env bash
        echo "install: $*" >>"$CALLS"
        while [ $# -gt 0 ]; do case $1 in --install-dir) dir=$2; shift ;; esac; shift; done
        mkdir -p "$dir"
        cat >"$dir/dotnet" <<'END'
        #!/usr/bin/env bash
        echo "dotnet: $*" >>"$CALLS"
        case $1 in
          --version) echo 10.0.499 ;;
          publish) mkdir -p artifacts/edge; printf '#!/usr/bin/env bash\necho "edge: $*"\n' >artifacts/edge/edge; chmod +x artifacts/edge/edge ;;
        esac
        END
        chmod +x "$dir/dotnet"
        """;

    /// <summary>Lays the checkout out in a temporary folder.</summary>
    public FakeCheckout()
    {
        Root = Directory.CreateTempSubdirectory("edge-scripts-").FullName;
        string from = Repository.Current.Root;
        foreach (string file in Directory.EnumerateFiles(Path.Combine(from, "scripts"), "*", SearchOption.AllDirectories))
        {
            string to = Path.Combine(Root, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(to)!);
            File.Copy(file, to); // keeps the mode
        }
        foreach (string folder in new[] { "edge", "cloud-sync", "hardware", "bin", "tests/Edge.Some.Tests" }) Directory.CreateDirectory(Path.Combine(Root, folder));
        foreach (string file in new[] { "global.json", "Directory.Build.props", "Directory.Build.targets", "Directory.Packages.props", "BannedSymbols.txt", ".editorconfig" })
            File.Copy(Path.Combine(from, file), Path.Combine(Root, file));
        Write("tests/Edge.Some.Tests/Edge.Some.Tests.csproj", "<Project />");
        foreach (string tool in Tools)
        {
            string? path = new[] { "/usr/bin", "/bin" }.Select(folder => Path.Combine(folder, tool)).FirstOrDefault(File.Exists);
            if (path is not null) File.CreateSymbolicLink(Path.Combine(Root, "bin", tool), path);
        }
    }

    /// <summary>Where the checkout is.</summary>
    public string Root { get; }

    /// <summary>How the stand-ins were called, a line a call.</summary>
    public string Calls => File.Exists(CallsFile) ? File.ReadAllText(CallsFile) : "";

    private string CallsFile => Path.Combine(Root, "calls.txt");

    /// <summary>Writes a file into the checkout and gives its absolute path.</summary>
    public string Write(string path, string text)
    {
        string file = Path.Combine(Root, path);
        File.WriteAllText(file, text);
        return file;
    }

    /// <summary>Puts a command of ours on the PATH.</summary>
    public void AddTool(string name, string script) => File.SetUnixFileMode(
        Write($"bin/{name}", script), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);

    /// <summary>Runs a script of the checkout to its end, at most a minute.</summary>
    /// <returns>Exit code, and standard output and error together.</returns>
    public (int ExitCode, string Output) Run(string script, string[] arguments, params (string Name, string Value)[] variables)
    {
        ProcessStartInfo start = new(Path.Combine(Root, "bin/bash")) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        start.ArgumentList.Add(Path.Combine(Root, script));
        foreach (string argument in arguments) start.ArgumentList.Add(argument);
        start.Environment.Clear();
        start.Environment["PATH"] = Path.Combine(Root, "bin");
        start.Environment["HOME"] = Root;
        start.Environment["CALLS"] = CallsFile;
        foreach ((string name, string value) in variables) start.Environment[name] = value;
        using Process process = Process.Start(start)!;
        process.StandardInput.Close();
        Task<string> output = process.StandardOutput.ReadToEndAsync(), error = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(TimeSpan.FromMinutes(1)))
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{script} did not end within a minute.");
        }
        process.WaitForExit();
        return (process.ExitCode, output.Result + error.Result);
    }

    /// <summary>Removes the folder.</summary>
    public void Dispose() => Directory.Delete(Root, recursive: true);
}
