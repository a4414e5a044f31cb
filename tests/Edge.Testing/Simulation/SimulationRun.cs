namespace Edge.Testing.Simulation;

/// <summary>The one entry to the simulation: a life of a journal from a seed, cut at every I/O operation that changes the disk.</summary>
public static class SimulationRun
{
    /// <summary>Runs one seed on this thread; deterministic. Seeds may run on any number of threads.</summary>
    /// <exception cref="SimulationFailureException">The journal broke its promise; the message begins with what replays it.</exception>
    public static SimulationResult Run(ulong seed, SimulationOptions options) => JournalSimulation.Run(seed, options);

    /// <summary>Runs seeds from <paramref name="firstSeed"/> on as many threads as there are processors until <paramref name="isDone"/> says so.</summary>
    /// <param name="optionsOf">Options of a seed.</param>
    public static SimulationResult RunMany(ulong firstSeed, Func<ulong, SimulationOptions> optionsOf, Func<SimulationResult, bool> isDone)
    {
        SimulationResult total = new();
        Exception? failure = null;
        ulong next = firstSeed;
        Lock gate = new();
        Thread[] threads = new Thread[Math.Max(1, Environment.ProcessorCount)];
        for (int i = 0; i < threads.Length; i++)
        {
            threads[i] = new Thread(Work) { IsBackground = true, Name = "simulation" };
            threads[i].Start();
        }
        foreach (Thread thread in threads) thread.Join();
        if (failure is not null) throw new SimulationFailureException(failure);
        return total;

        void Work()
        {
            while (true)
            {
                ulong seed;
                lock (gate)
                {
                    if (failure is not null || isDone(total)) return;
                    seed = next++;
                }
                try
                {
                    SimulationResult result = Run(seed, optionsOf(seed));
                    lock (gate) total.Add(result);
                }
                catch (Exception e)
                {
                    lock (gate) failure ??= e;
                }
            }
        }
    }
}
