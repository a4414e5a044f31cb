using System.Globalization;
using Edge.Log.Tests.Simulation;

namespace Edge.Log.Tests;

/// <summary>The tests are also a program: the simulation as a soak.</summary>
internal static class Program
{
    private static int Main(string[] arguments)
    {
        double minutes = 1;
        ulong seed = (ulong)Environment.TickCount64;
        bool isRight = arguments is ["simulate", ..] && arguments.Length % 2 == 1;
        for (int i = 1; isRight && i < arguments.Length; i += 2)
        {
            isRight = arguments[i] switch
            {
                "--minutes" => double.TryParse(arguments[i + 1], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out minutes) && minutes is > 0 and <= 100_000,
                "--seed" => ulong.TryParse(arguments[i + 1], NumberStyles.None, CultureInfo.InvariantCulture, out seed),
                _ => false,
            };
        }
        if (isRight) return SimulationSoak.Run(minutes, seed, Console.Out);
        Console.Error.WriteLine("usage: simulate [--minutes N] [--seed N]");
        return 2;
    }
}
