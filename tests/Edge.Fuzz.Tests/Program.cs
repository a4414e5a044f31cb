using System.Globalization;
using Edge.Fuzz.Tests.Mqtt;

// fuzz [--packets N] [--seed N]
long packets = 1_000_000;
int seed = Random.Shared.Next();
for (int i = 0; i + 1 < args.Length; i += 2)
{
    bool isNumber = long.TryParse(args[i + 1], NumberStyles.None, CultureInfo.InvariantCulture, out long number);
    switch (args[i])
    {
        case "--packets" when isNumber && number > 0: packets = number; break;
        case "--seed" when isNumber && number <= int.MaxValue: seed = (int)number; break;
        default:
            Console.Error.WriteLine($"'{args[i]} {args[i + 1]}' is not understood; use --packets N and --seed N.");
            return 2;
    }
}
Console.WriteLine($"seed {seed}");
IReadOnlyList<string> problems = await new MqttFuzz(seed, packets, Console.WriteLine).RunAsync();
foreach (string problem in problems) Console.WriteLine($"FOUND: {problem}");
Console.WriteLine(problems.Count == 0 ? "nothing found" : $"repro: scripts/fuzz --packets {packets} --seed {seed}");
return problems.Count == 0 ? 0 : 1;
