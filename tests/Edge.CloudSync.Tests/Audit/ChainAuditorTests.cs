using Edge.CloudSync.Audit;
using Xunit;

namespace Edge.CloudSync.Tests.Audit;

public sealed class ChainAuditorTests
{
    // Goal: whatever happened on the way, the audit says what happened. Method: make a chain with holes (control batches, filters) and policy gaps, spread it over
    // central partitions by key, drop, repeat suffixes and swap at random, read the partitions in a random interleaving, and compare with the plain truth.
    [Theory]
    [InlineData(1)]
    [InlineData(42)]
    [InlineData(20261125)]
    public void Finish_RandomHistories_AgreeWithTheOracle(int seed)
    {
        for (int round = 0; round < 15; round++)
        {
            var history = new History(new Random(HashCode.Combine(seed, round)));
            AuditRow row = history.Audit();
            long lost = history.LostByDefinition();
            string place = $"seed {seed} round {round}";
            Assert.True(history.Seen.Count == row.Delivered, $"{place}: delivered {row.Delivered}, oracle {history.Seen.Count}");
            Assert.True(history.Duplicates == row.Duplicated, $"{place}: duplicated {row.Duplicated}, oracle {history.Duplicates}");
            Assert.True(history.Reorders == row.Reordered, $"{place}: reordered {row.Reordered}, oracle {history.Reorders}");
            Assert.True(lost == row.Lost, $"{place}: lost {row.Lost}, oracle {lost}");
            // Against what was really sent: never less, and never a false alarm.
            Assert.True(row.Lost >= history.ReallyLost, $"{place}: lost {row.Lost}, really {history.ReallyLost}");
            Assert.True(history.ReallyLost > 0 || row.Lost == 0, $"{place}: false alarm, lost {row.Lost}");
        }
    }

    [Fact]
    public void Finish_ReRunOfASuffix_IsDuplicatedOnly()
    {
        var chain = new ChainAuditor();
        for (long offset = 0; offset < 10; offset++) chain.Add(offset, offset - 1, 0);
        for (long offset = 4; offset < 20; offset++) chain.Add(offset, offset - 1, 0);
        AuditRow row = chain.Finish("d", "l", "t", 0, trimmed: [], expected: null);
        Assert.Equal((0L, 19L, 20L, 0L, 6L, 0L), (row.First, row.Last, row.Delivered, row.Lost, row.Duplicated, row.Reordered));
    }

    [Fact]
    public void Finish_HolesNamedByPrevious_AreNoLoss()
    {
        var chain = new ChainAuditor();
        chain.Add(0, -1, 0);
        chain.Add(5, 0, 1);
        chain.Add(100_000, 5, 0);
        Assert.Equal(0, chain.Finish("d", "l", "t", 0, [], null).Lost);
    }

    [Fact]
    public void Finish_NamedInsideAHoleOfAnother_IsLost()
    {
        var chain = new ChainAuditor();
        chain.Add(0, -1, 0);
        chain.Add(10_000, 0, 0); // the forwarder went on without the cursor of a filter change
        chain.Add(7, 6, 0);      // and yet 6 was sent once
        Assert.Equal(1, chain.Finish("d", "l", "t", 0, [], null).Lost);
    }

    [Theory]
    [InlineData(false, 50)]  // nothing was removed at the centre: 0 to 49 should be there
    [InlineData(true, 0)]  // the centre's retention took them
    public void Finish_ChainSeenFromTheMiddle_DependsOnTheCentresRetention(bool isTrimmed, long lost)
    {
        var chain = new ChainAuditor();
        for (long offset = 50; offset < 60; offset++) chain.Add(offset, offset - 1, 0);
        Assert.Equal(lost, chain.Finish("d", "l", "t", 0, isTrimmed ? [0] : [], null).Lost);
    }

    // The centre's retention took the start of one central partition only: what was there is not judged, what is missing behind it is.
    [Fact]
    public void Finish_OneCentralPartitionTrimmed_JudgesFromItsFirstRecordOn()
    {
        var chain = new ChainAuditor();
        for (long offset = 0; offset < 100; offset++)
            if (offset % 2 == 0 || offset >= 41) if (offset != 71) chain.Add(offset, offset - 1, (int)(offset % 2));
        Assert.Equal(1, chain.Finish("d", "l", "t", 0, trimmed: [1], null).Lost);
        Assert.Equal(21, chain.Finish("d", "l", "t", 0, trimmed: [], null).Lost);
    }

    [Fact]
    public void Finish_TailNeverArrived_IsLostByTheDevicesOwnAccount()
    {
        var chain = new ChainAuditor();
        for (long offset = 0; offset < 90; offset++) chain.Add(offset, offset - 1, 0);
        Assert.Equal(0, chain.Finish("d", "l", "t", 0, [], null).Lost);
        Assert.Equal(10, chain.Finish("d", "l", "t", 0, [], new ChainExpectation("d", "l", "t", 0, 0, 100)).Lost);
    }

    [Fact]
    public void Finish_GapRecordAndPointer_ExplainWhatIsMissing()
    {
        var chain = new ChainAuditor();
        for (long offset = 0; offset < 10; offset++) chain.Add(offset, offset - 1, 0);
        chain.Add(40, 39, 0);
        chain.AddPointer(39, 9);
        chain.AddGap(new AuditGap(10, 39, 29, "retention"));
        chain.AddGap(new AuditGap(10, 39, 29, "retention")); // announced twice after a crash
        AuditRow row = chain.Finish("d", "l", "t", 0, [], null);
        Assert.Equal((0L, 12L, 1L), (row.Lost, row.Delivered, row.DeadLettered));
        Assert.Single(row.Gaps);
    }

    [Fact]
    public void Finish_DeviceNothingArrivedFrom_IsLostWhole()
    {
        var chains = new ChainTable();
        AuditRow row = Assert.Single(chains.Finish([], [new ChainExpectation("d", "l", "t", 2, 0, 7)]));
        Assert.Equal((-1L, -1L, 0L, 7L), (row.First, row.Last, row.Delivered, row.Lost));
    }

    private sealed class History
    {
        private readonly List<(long Offset, long Previous, int Central)> _read = [];
        private readonly HashSet<long> _removed = [];
        private readonly ChainAuditor _auditor = new();

        public HashSet<long> Seen { get; } = [];
        public long Duplicates { get; }
        public long Reorders { get; }
        public long ReallyLost { get; }

        public History(Random random)
        {
            int centrals = random.Next(1, 4), count = random.Next(1, 3000);
            var sent = new List<(long Offset, long Previous)>();
            long previous = -1;
            for (long offset = 0; sent.Count < count; offset++)
            {
                int event_ = random.Next(60);
                if (event_ == 0) offset += random.Next(1, random.Next(8) == 0 ? 9000 : 20); // hole
                else if (event_ == 1 && sent.Count > 0)
                {
                    long to = offset + random.Next(1, 50); // removed by policy and announced; the chain does not break
                    _auditor.AddGap(new AuditGap(offset, to, to - offset, "retention"));
                    for (; offset < to; offset++) _removed.Add(offset);
                    offset--;
                    continue;
                }
                sent.Add((offset, previous));
                previous = offset;
            }
            var home = sent.ToDictionary(record => record.Offset, _ => random.Next(centrals));
            var partitions = Enumerable.Range(0, centrals).Select(_ => new List<(long Offset, long Previous)>()).ToArray();
            bool drops = random.Next(2) == 0, swaps = random.Next(3) == 0;
            var dropped = new HashSet<long>();
            for (int at = 0; at < sent.Count; at++)
            {
                bool isEnd = at == 0 || at == sent.Count - 1; // a lost end is for the expectation to find
                if (drops && !isEnd && random.Next(50) == 0) dropped.Add(sent[at].Offset);
                else partitions[home[sent[at].Offset]].Add(sent[at]);
                if (random.Next(400) == 0) at = Math.Max(-1, at - random.Next(1, 100)); // crash: a suffix again
            }
            foreach (var partition in partitions)
                for (int i = 1; swaps && i < partition.Count; i++)
                    if (random.Next(40) == 0) (partition[i - 1], partition[i]) = (partition[i], partition[i - 1]);
            int[] position = new int[centrals];
            while (partitions.Select((list, i) => list.Count - position[i]).Sum() > 0)
            {
                int central = random.Next(centrals);
                for (int run = random.Next(1, 200); run > 0 && position[central] < partitions[central].Count; run--)
                    _read.Add((partitions[central][position[central]].Offset, partitions[central][position[central]++].Previous, central));
            }
            long[] highest = [.. Enumerable.Repeat(-1L, centrals)];
            foreach ((long offset, long before, int central) in _read)
            {
                _auditor.Add(offset, before, central);
                if (!Seen.Add(offset)) Duplicates++;
                else if (offset < highest[central]) Reorders++;
                else highest[central] = offset;
            }
            ReallyLost = dropped.Count(offset => !Seen.Contains(offset));
        }

        public AuditRow Audit() => _auditor.Finish("d", "l", "t", 0, trimmed: [], expected: null);

        /// <summary>The definition, offset by offset, with plain sets.</summary>
        public long LostByDefinition()
        {
            HashSet<long> named = [], skipped = [];
            foreach ((long offset, long previous, _) in _read)
            {
                if (previous < 0) continue;
                named.Add(previous);
                for (long hole = previous + 1; hole < offset; hole++) skipped.Add(hole);
            }
            long lost = 0, first = Seen.Min();
            if (_read.First(record => record.Offset == first).Previous >= 0) first = 0;
            for (long offset = first; offset <= Seen.Max(); offset++)
                if (!Seen.Contains(offset) && !_removed.Contains(offset) && (named.Contains(offset) || !skipped.Contains(offset))) lost++;
            return lost;
        }
    }
}
