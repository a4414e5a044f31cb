using System.Diagnostics;
using Edge.Ingest;
using Edge.Log.Commit;
using Edge.Log.Topics;

namespace Edge.Benchmarks.Journal;

/// <summary>Many threads put small records through the one door; a record counts once it is durable.</summary>
internal sealed class AppendBench(OpenJournal log, int threads, int recordBytes)
{
    private const int PerGather = 64;

    /// <summary>Records durable a second.</summary>
    public double Run(TimeSpan duration)
    {
        IReadOnlyList<Partition> partitions = log.Partitions($"append-{Guid.NewGuid():N}", threads);
        long before = log.Journal.Statistics.Records, began = Stopwatch.GetTimestamp();
        Thread[] workers = [.. Enumerable.Range(0, threads).Select(i => new Thread(() => Append(partitions[i], began, duration)))];
        foreach (Thread worker in workers) worker.Start();
        foreach (Thread worker in workers) worker.Join();
        return (log.Journal.Statistics.Records - before) / Stopwatch.GetElapsedTime(began).TotalSeconds;
    }

    private void Append(Partition partition, long began, TimeSpan duration)
    {
        byte[] value = new byte[recordBytes];
        Random.Shared.NextBytes(value);
        byte[] key = "bench"u8.ToArray();
        var last = new GroupWaiter();
        while (Stopwatch.GetElapsedTime(began) < duration)
        {
            bool isBusy = false;
            long now = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
            using (Gather gather = log.Ingest.EnterGather())
            {
                int added = 0;
                for (; added < PerGather && !isBusy; added++)
                {
                    IngestStatus status = gather.TryAdd(partition, now, hasKey: true, key, hasValue: true, value, headerCount: 0, []);
                    if (status == IngestStatus.Busy) isBusy = true;
                    else if (status != IngestStatus.Ok) throw new InvalidOperationException($"The journal refused a record: {status}");
                }
                if (added > (isBusy ? 1 : 0) && last.Want(gather.Group)) gather.Notify(last);
            }
            if (isBusy) log.Ingest.WaitForRoomAsync(CancellationToken.None).AsTask().GetAwaiter().GetResult();
        }
        last.Wait(TimeSpan.FromSeconds(60));
    }

    /// <summary>Waits until the newest group it was registered with is durable.</summary>
    private sealed class GroupWaiter : ICommitListener
    {
        private readonly object _gate = new();
        private long _wanted = -1, _done = -1;

        /// <summary>True once for each group.</summary>
        public bool Want(long group)
        {
            lock (_gate)
            {
                if (group == _wanted) return false;
                _wanted = group;
                return true;
            }
        }

        public void OnCommitted(long group, CommitOutcome outcome)
        {
            lock (_gate)
            {
                _done = group;
                Monitor.PulseAll(_gate);
            }
        }

        public void Wait(TimeSpan timeout)
        {
            lock (_gate)
                while (_done < _wanted)
                    if (!Monitor.Wait(_gate, timeout)) throw new TimeoutException($"Group {_wanted} is not durable.");
        }
    }
}
