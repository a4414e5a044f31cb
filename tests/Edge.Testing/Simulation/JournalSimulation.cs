using Edge.Log;
using Edge.Testing.Storage;

namespace Edge.Testing.Simulation;

/// <summary>
/// A life of a journal on a simulated disk, from a seed, with a power cut before every I/O operation that changes the disk. For each cut several disk images are
/// made, recovered and compared with the model; some are cut again during recovery, some are used on and cut again.
/// </summary>
internal sealed class JournalSimulation(SimulationOptions options)
{
    private static readonly CrashVariant[] Variants = Enum.GetValues<CrashVariant>();
    private readonly SimulationResult _result = new();

    public static SimulationResult Run(ulong seed, SimulationOptions options)
    {
        JournalSimulation simulation = new(options);
        simulation.Run(seed);
        return simulation._result;
    }

    private void Run(ulong seed)
    {
        SimulatedDisk disk = new(seed) { CapacityBytes = options.CapacityBytes };
        ManualTime time = new(DateTimeOffset.FromUnixTimeMilliseconds(1_790_000_000_000));
        JournalWorkload workload = new(options.Decorate?.Invoke(disk) ?? disk, options, SeededRandom.Derive(seed, 1), new Model(), time);
        List<(DiskSnapshot Cut, Expectation Expected)> cuts = [];
        disk.BeforeOperation = (_, _) => cuts.Add((disk.Snapshot(), Expectation.Of(workload.Model)));
        string at = "open";
        try
        {
            workload.Open();
            ExploreAll(seed, cuts, workload);
            for (int step = 0; step < options.Steps; step++)
            {
                at = $"step {step}";
                if (step < 2) workload.CreateTopic();
                else workload.Step();
                ExploreAll(seed, cuts, workload);
            }
            at = "stop";
            workload.CleanStop();
            cuts.Add((disk.Snapshot(), Expectation.Of(workload.Model)));
            ExploreAll(seed, cuts, workload);
        }
        catch (Exception e) when (e is not SimulationFailureException) { throw new SimulationFailureException($"seed={seed} workload {at}", e); }
        _result.Seeds++;
        _result.Acknowledged += workload.Model.AcknowledgedCount;
        _result.Segments += workload.Journal.Statistics.Segments;
    }

    /// <summary>Power cuts within the step that just ended. Items submitted in it may show, those acknowledged when the cut came must.</summary>
    private void ExploreAll(ulong seed, List<(DiskSnapshot Cut, Expectation Expected)> cuts, JournalWorkload workload)
    {
        foreach ((DiskSnapshot cut, Expectation atCut) in cuts)
        {
            if (options.OnlyAt != 0 && cut.Operation != options.OnlyAt) continue;
            _result.CrashPoints++;
            // A reopening within the step forks the model: what it dropped was never promised, and shows only before the reopening.
            Expectation expected = atCut.Model == workload.Model ? atCut with { Submitted = workload.Model.Items.Count } : atCut with { Submitted = atCut.Model.Items.Count };
            Explore(seed, cut, expected, workload.Time.GetUtcNow());
            if (cut.Operation == options.OnlyAt) break;
        }
        cuts.Clear();
    }

    private void Explore(ulong seed, DiskSnapshot cut, Expectation expected, DateTimeOffset now)
    {
        // Each point gets some of the variants, chosen by seed and point; the next seed's neighbouring point gets others.
        int chosen = cut.IsClean ? 1 : options.VariantsPerPoint, from = (int)((seed + (ulong)cut.Operation) % (ulong)Variants.Length);
        for (int i = 0; i < chosen; i++)
        {
            CrashVariant variant = cut.IsClean ? CrashVariant.EverythingKept : Variants[(from + (i * 2)) % Variants.Length];
            if (options.OnlyVariant is { } only && only != variant) continue;
            SeededRandom random = SeededRandom.Derive(seed ^ 0x5ca1ab1e, ((ulong)cut.Operation << 8) + (ulong)variant);
            Guard(() => Recover(cut.Restore(variant, seed, options.PadBytes), expected, random, now, options.Depth), $"seed={seed} at={cut.Operation} variant={variant}");
        }
        if ((seed + (ulong)cut.Operation) % 8 == 0 && options.OnlyVariant is null or CrashVariant.NothingKept)
        {
            SeededRandom random = SeededRandom.Derive(seed ^ 0xdead, (ulong)cut.Operation);
            Guard(() => KillThenCut(cut, expected, random, now), $"seed={seed} at={cut.Operation} variant={CrashVariant.NothingKept} killed first");
        }
    }

    /// <summary>Recovers, checks, and goes on from there.</summary>
    private void Recover(SimulatedDisk disk, Expectation expected, SeededRandom random, DateTimeOffset now, int depth)
    {
        _result.Images++;
        DiskSnapshot? during = null;
        if (depth > 0 && random.Chance(options.SecondCrashPercent))
        {
            long second = random.Between(1, 12);
            disk.BeforeOperation = (number, _) => during ??= number == second ? disk.Snapshot() : null;
        }
        JournalWorkload workload = new(disk, options, random, expected.Model, new ManualTime(now));
        Journal journal = Open(disk, workload.Time);
        disk.BeforeOperation = null;
        JournalCheck check = new(journal, expected, wantsEverything: options.IsDiskSmall);
        int present = check.Run(checkOrder: random.Chance(10));
        _result.RecordsChecked += check.Records;
        if (during is not null) Recover(during.Restore(Variants[random.Next(Variants.Length)], random.NextBits(), options.PadBytes), expected, random, now, depth - 1);
        if (depth > 0 && random.Chance(options.ContinuePercent)) UseOn(disk, journal, expected, present, random, now, depth);
    }

    /// <summary>Appends work again after a recovery, and survive the next power cut together with what the recovery showed.</summary>
    private void UseOn(SimulatedDisk disk, Journal journal, Expectation expected, int present, SeededRandom random, DateTimeOffset now, int depth)
    {
        Model model = expected.Model.Fork(present, expected.Starts);
        foreach (ModelTopic topic in model.Topics.Values) topic.IsAcknowledged = journal.Topics.TryGet(topic.Name, out _);
        JournalWorkload workload = new(disk, options, random, model, new ManualTime(now));
        workload.Adopt(journal);
        List<(DiskSnapshot Cut, Expectation Expected)> cuts = [];
        disk.BeforeOperation = (_, _) => cuts.Add((disk.Snapshot(), Expectation.Of(workload.Model)));
        workload.AppendEverywhere();
        if (random.Chance(50)) workload.Commit(random.Between(1, 3));
        cuts.Add((disk.Snapshot(), Expectation.Of(workload.Model)));
        disk.BeforeOperation = null;
        (DiskSnapshot cut, Expectation atCut) = cuts[random.Chance(50) ? cuts.Count - 1 : random.Next(cuts.Count)];
        Recover(cut.Restore(Variants[random.Next(Variants.Length)], random.NextBits(), options.PadBytes), atCut with { Submitted = workload.Model.Items.Count }, random, now, depth - 1);
    }

    /// <summary>kill -9, a restart that shows what only the page cache holds, then a power cut: what was shown must not be taken back.</summary>
    private void KillThenCut(DiskSnapshot cut, Expectation expected, SeededRandom random, DateTimeOffset now)
    {
        SimulatedDisk disk = cut.RestoreAfterKill(random.NextBits());
        _result.Images++;
        ManualTime time = new(now);
        Journal journal = Open(disk, time);
        JournalCheck check = new(journal, expected, wantsEverything: options.IsDiskSmall);
        int present = check.Run(checkOrder: false);
        _result.RecordsChecked += check.Records;
        Model shown = expected.Model.Fork(present, expected.Starts);
        foreach (ModelTopic topic in shown.Topics.Values) topic.IsAcknowledged = journal.Topics.TryGet(topic.Name, out _);
        JournalWorkload workload = new(disk, options, random, shown, time);
        workload.Adopt(journal);
        if (random.Chance(50)) workload.AppendEverywhere(); // into files whose names only the page cache may know
        Recover(disk.Snapshot().Restore(random.Chance(50) ? CrashVariant.NothingKept : Variants[random.Next(Variants.Length)], random.NextBits(), options.PadBytes),
            Expectation.Of(workload.Model), random, now, 0);
    }

    private Journal Open(SimulatedDisk disk, TimeProvider time)
    {
        _result.Recoveries++;
        return JournalWorkload.Open(options.Decorate?.Invoke(disk) ?? disk, options, time);
    }

    private static void Guard(Action action, string repro)
    {
        try { action(); }
        catch (Exception e) when (e is not SimulationFailureException) { throw new SimulationFailureException(repro, e); }
    }
}
