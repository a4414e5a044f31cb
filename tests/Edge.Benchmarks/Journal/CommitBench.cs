using System.Diagnostics;
using Edge.Ingest;
using Edge.Log.Commit;
using Edge.Log.Topics;

namespace Edge.Benchmarks.Journal;

/// <summary>The worst case for a flash card: one small record per partition per commit, each commit waited for.</summary>
internal sealed class CommitBench(OpenJournal log, int partitionCount, int recordBytes)
{
    private readonly IReadOnlyList<Partition> _partitions = log.Partitions($"commit-{Guid.NewGuid():N}", partitionCount);

    /// <summary>Payload bytes appended by <see cref="Run"/>.</summary>
    public long PayloadBytes(int commits) => (long)commits * partitionCount * recordBytes;

    /// <summary>Milliseconds each commit took, sorted.</summary>
    public double[] Run(int commits)
    {
        byte[] value = new byte[recordBytes];
        Random.Shared.NextBytes(value);
        double[] times = new double[commits];
        for (int i = 0; i < commits; i++)
        {
            long began = Stopwatch.GetTimestamp();
            using var done = new Waiter();
            using (Gather gather = log.Ingest.EnterGather())
            {
                foreach (Partition partition in _partitions)
                {
                    IngestStatus status = gather.TryAdd(partition, DateTimeOffset.UtcNow.ToUnixTimeMilliseconds(), hasKey: false, [], hasValue: true, value, headerCount: 0, []);
                    if (status != IngestStatus.Ok) throw new InvalidOperationException($"The journal refused a record: {status}");
                }
                gather.Notify(done);
            }
            done.Wait();
            times[i] = Stopwatch.GetElapsedTime(began).TotalMilliseconds;
        }
        Array.Sort(times);
        return times;
    }

    private sealed class Waiter : ICommitListener, IDisposable
    {
        private readonly SemaphoreSlim _done = new(0);

        public void OnCommitted(long group, CommitOutcome outcome) => _done.Release();

        public void Wait()
        {
            if (!_done.Wait(TimeSpan.FromSeconds(60))) throw new TimeoutException("A commit did not end.");
        }

        public void Dispose() => _done.Dispose();
    }
}
