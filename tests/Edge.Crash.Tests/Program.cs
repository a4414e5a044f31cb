using System.Diagnostics;
using System.Globalization;
using Edge.Crash.Tests.Killing;
using Edge.Crash.Tests.PowerCuts;
using Edge.Crash.Tests.Syncing;
using Edge.Testing.Centres;

namespace Edge.Crash.Tests;

/// <summary>The soak: the crash tests' loops at full size, with progress. scripts/soak calls it.</summary>
internal static class Program
{
    private static async Task<int> Main(string[] arguments)
    {
        switch (arguments)
        {
            case ["write", var directory, var seed, var cycle, var sync]:
                await CutWriter.RunAsync(directory, int.Parse(seed, CultureInfo.InvariantCulture), int.Parse(cycle, CultureInfo.InvariantCulture), sync == "without-sync");
                return 0;
            case ["power", ..]: return await PowerAsync(arguments);
            case ["kill", ..]: return await KillAsync(arguments);
            case ["sync", ..]: return await SyncAsync(arguments);
            default:
                await Console.Error.WriteLineAsync("usage: sync [--minutes N] [--kills N] [--cuts N] [--brokers 0|1|3] [--seed N] [--executable PATH]\n       kill [--messages N] [--connections N] [--kills N] [--hub-kills N] [--window N] [--seed N] [--executable PATH]\n       power [--cuts N] [--seed N] [--work DIR] [--dying true]");
                return 2;
        }
    }

    private static async Task<int> PowerAsync(string[] arguments)
    {
        var options = new PowerCutOptions { Cuts = 500 };
        for (int i = 1; i < arguments.Length; i += 2)
        {
            string? value = i + 1 < arguments.Length ? arguments[i + 1] : null;
            bool isNumber = int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int number);
            switch (arguments[i])
            {
                case "--cuts" when isNumber && number > 0: options.Cuts = number; break;
                case "--seed" when isNumber: options.Seed = number; break;
                case "--work" when Directory.Exists(value): options.Work = value!; break;
                case "--dying" when value is "true" or "false": options.WithoutFreeze = value == "true"; break;
                default:
                    await Console.Error.WriteLineAsync($"{arguments[i]} {value}: no such option, or its value is not allowed.");
                    return 2;
            }
        }
        if (Edge.Testing.Storage.LoopDevice.Reason() is { } reason)
        {
            await Console.Error.WriteLineAsync($"No power cuts here: {reason}.");
            return 2;
        }
        Console.WriteLine($"{options.Cuts} power cuts on ext4{(options.WithoutFreeze ? ", the disk dies under the running process" : "")}; seed {options.Seed}");
        PowerCutReport report = await new PowerCutLoop(options, Console.WriteLine).RunAsync();
        Console.WriteLine(report);
        return report.CutsWithLoss == 0 ? 0 : 1;
    }

    private static async Task<int> KillAsync(string[] arguments)
    {
        var options = new KillOptions { Messages = 200_000, Connections = 50, Kills = 10, HubKills = 0, Timeout = TimeSpan.FromHours(1) };
        for (int i = 1; i < arguments.Length; i += 2)
        {
            string? value = i + 1 < arguments.Length ? arguments[i + 1] : null;
            bool isNumber = int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int number);
            switch (arguments[i])
            {
                case "--messages" when isNumber && number > 0: options.Messages = number; break;
                case "--connections" when isNumber && number > 0: options.Connections = number; break;
                case "--kills" when isNumber: options.Kills = number; break;
                case "--hub-kills" when isNumber: options.HubKills = number; break;
                case "--window" when isNumber && number is > 0 and < 65_535: options.Window = number; break;
                case "--seed" when isNumber: options.Seed = number; break;
                case "--executable" when File.Exists(value): options.Executable = value!; break;
                default:
                    await Console.Error.WriteLineAsync($"{arguments[i]} {value}: no such option, or its value is not allowed.");
                    return 2;
            }
        }
        long began = Stopwatch.GetTimestamp();
        Console.WriteLine($"{options.Messages} messages over {options.Connections} connections, {options.Window} in flight each; kill -9 of the appliance {options.Kills} times, of the hub {options.HubKills} times; seed {options.Seed}; {options.Executable ?? "the build beside the tests"}");
        KillReport report = await new KillLoop(options, line => Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Stopwatch.GetElapsedTime(began).TotalSeconds,7:0.0} s  {line}"))).RunAsync();
        Console.WriteLine(report);
        return report.Problems.Count == 0 && report.Acknowledged == options.Messages ? 0 : 1;
    }

    private static async Task<int> SyncAsync(string[] arguments)
    {
        var options = new SoakOptions { Kills = 0, Cuts = 0 };
        for (int i = 1; i < arguments.Length; i += 2)
        {
            string? value = i + 1 < arguments.Length ? arguments[i + 1] : null;
            bool isNumber = int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int number);
            switch (arguments[i])
            {
                case "--minutes" when isNumber && number > 0: options.Time = TimeSpan.FromMinutes(number); break;
                case "--kills" when isNumber: options.Kills = number; break;
                case "--cuts" when isNumber: options.Cuts = number; break;
                case "--brokers" when isNumber && number is 0 or 1 or 3: options.Brokers = number; break;
                case "--seed" when isNumber: options.Seed = number; break;
                case "--executable" when File.Exists(value): options.Executable = value!; break;
                default:
                    await Console.Error.WriteLineAsync($"{arguments[i]} {value}: no such option, or its value is not allowed.");
                    return 2;
            }
        }
        if (options.Brokers > 0 && new KafkaFactAttribute().Skip is { } reason)
        {
            await Console.Error.WriteLineAsync($"--brokers {options.Brokers}: {reason}");
            return 2;
        }
        if (options is { Kills: 0, Cuts: 0 } && options.Time == TimeSpan.Zero) options.Time = TimeSpan.FromMinutes(5);
        long began = Stopwatch.GetTimestamp();
        Console.WriteLine($"seed {options.Seed}; the centre is {(options.Brokers == 0 ? "a hub" : $"Apache Kafka, {options.Brokers} brokers")}; {options.Executable ?? "the build beside the tests"}");
        SoakReport report = await new SyncSoak(options, line => Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Stopwatch.GetElapsedTime(began).TotalSeconds,7:0.0} s  {line}"))).RunAsync();
        Console.WriteLine(report);
        return report.IsClean ? 0 : 1;
    }
}
