using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using Edge.Log;
using Edge.Log.Records;
using Edge.Log.Storage;
using Edge.Log.Topics;
using Edge.Testing.Processes;
using Edge.Testing.Storage;
using Microsoft.Extensions.Logging.Abstractions;

namespace Edge.Crash.Tests.PowerCuts;

/// <summary>Power cuts on a real ext4: a process appends, is frozen, the file system ends without flushing anything, the process is killed, the file system is mounted again, the journal recovers.</summary>
internal sealed class PowerCutLoop(PowerCutOptions options, Action<string> progress)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Random _random = new(options.Seed);

    /// <summary>Per partition what was acknowledged: offset to the batch's cycle and number.</summary>
    private readonly SortedDictionary<long, (int Cycle, int Number)>[] _acknowledged = [.. Enumerable.Range(0, CutRecord.Partitions).Select(static _ => new SortedDictionary<long, (int, int)>())];
    private readonly List<string> _losses = [];
    private long _acknowledgedCount, _checked, _recycled;
    private int _cutsWithLoss;

    public async Task<PowerCutReport> RunAsync()
    {
        long began = Stopwatch.GetTimestamp();
        (LoopDevice? device, string why) = await LoopDevice.TryCreateAsync(options.Work, 512L << 20);
        if (device is null) throw new InvalidOperationException($"No loop device: {why}.");
        await using (device)
        {
            for (int cycle = 0; cycle < options.Cuts; cycle++)
            {
                string directory = Path.Combine(device.MountPoint, options.WithoutSync ? $"journal-{cycle}" : "journal");
                if (options.WithoutSync) foreach (SortedDictionary<long, (int, int)> partition in _acknowledged) partition.Clear();
                await CutAsync(device, directory, cycle);
                await device.RemountAsync();
                await CheckAsync(directory, cycle);
            }
        }
        return new PowerCutReport(options.Seed, options.Cuts, _acknowledgedCount, _checked, _cutsWithLoss, _recycled, Stopwatch.GetElapsedTime(began), [.. _losses.Take(10)]);
    }

    private async Task CutAsync(LoopDevice device, string directory, int cycle)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(PowerCutLoop).Assembly.Location, "write", directory, Number(options.Seed), Number(cycle), options.WithoutSync ? "without-sync" : "sync"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["DOTNET_TieredPGO"] = "0";
        using Process writer = Process.Start(start)!;
        Task<string> errors = writer.StandardError.ReadToEndAsync();
        try
        {
            int wanted = _random.Next(1, 150), seen = 0;
            using var late = new CancellationTokenSource(Patience);
            bool isReady = false;
            while (seen < wanted)
            {
                string line = await writer.StandardOutput.ReadLineAsync(late.Token) ?? throw new InvalidOperationException($"The writer ended: {await errors}");
                isReady |= line.StartsWith("ready ", StringComparison.Ordinal);
                if (isReady) seen += Note(line, cycle);
            }
            if (_random.Next(2) == 0) await Task.Delay(_random.Next(0, 20));
            if (!options.WithoutFreeze) Signals.Freeze(writer.Id);
            device.CutPower();
            if (options.WithoutFreeze) await Task.Delay(_random.Next(1, 30));
            Signals.Kill(writer.Id);
            // What it said before the cut is still in the pipe; a line that is not whole was never said.
            string rest = await writer.StandardOutput.ReadToEndAsync(late.Token);
            int end = rest.LastIndexOf('\n');
            foreach (string line in rest[..(end + 1)].Split('\n', StringSplitOptions.RemoveEmptyEntries)) Note(line, cycle);
            await writer.WaitForExitAsync(late.Token);
        }
        finally
        {
            if (!writer.HasExited) writer.Kill();
        }
    }

    private int Note(string line, int cycle)
    {
        string[] parts = line.Split(' ');
        if (parts is not ["ack", var partition, var number, var offset]) return 0;
        _acknowledged[int.Parse(partition, CultureInfo.InvariantCulture)][long.Parse(offset, CultureInfo.InvariantCulture)] = (cycle, int.Parse(number, CultureInfo.InvariantCulture));
        _acknowledgedCount++;
        return 1;
    }

    /// <summary>Recovers the journal as the appliance would and compares every acknowledged batch that retention had to leave.</summary>
    private async Task CheckAsync(string directory, int cycle)
    {
        int before = _losses.Count;
        try
        {
            if (!Directory.Exists(directory)) throw new InvalidDataException("the directory is gone");
            await using Journal journal = Journal.Open(new PosixDisk(directory), CutWriter.Options, TimeProvider.System, NullLogger.Instance);
            if (journal.Statistics.DamagedBytes > 0) throw new InvalidDataException($"{journal.Statistics.DamagedBytes} bytes are damaged");
            if (!journal.Topics.TryGet(CutRecord.Topic, out Topic topic)) throw new InvalidDataException("the topic is gone");
            for (int p = 0; p < CutRecord.Partitions; p++) CheckPartition(topic.Partitions[p], p);
        }
        catch (Exception e) when (e is InvalidDataException or EdgeException) { _losses.Add($"cut {cycle}: {e.Message}"); }
        if (_losses.Count == before) return;
        _cutsWithLoss++;
        progress(_losses[^1]);
    }

    private void CheckPartition(Partition partition, int index)
    {
        SortedDictionary<long, (int Cycle, int Number)> acknowledged = _acknowledged[index];
        var buffer = new ArrayBufferWriter<byte>(1 << 20);
        long offset = partition.LogStartOffset, bytes = 0;
        var found = new HashSet<long>();
        while (offset < partition.HighWatermark)
        {
            buffer.ResetWrittenCount();
            ReadResult read = partition.Read(offset, 1 << 20, true, buffer);
            if (read.Status != ReadStatus.Ok || read.Bytes == 0) throw new InvalidDataException($"{partition} at {offset} gave {read}");
            ReadOnlySpan<byte> left = buffer.WrittenSpan;
            while (left.Length > 0)
            {
                RecordBatchHeader header = RecordBatchHeader.Parse(left);
                if (header.BaseOffset != offset) throw new InvalidDataException($"{partition}: offset {header.BaseOffset} where {offset} was next");
                if (acknowledged.TryGetValue(offset, out (int Cycle, int Number) id))
                {
                    ReadOnlySpan<byte> expected = CutRecord.Batch(options.Seed, id.Cycle, index, id.Number);
                    if (!left[RecordBatchHeader.MagicAt..header.SizeBytes].SequenceEqual(expected[RecordBatchHeader.MagicAt..])) throw new InvalidDataException($"{partition}@{offset} has other bytes than were acknowledged");
                    found.Add(offset);
                }
                bytes += header.SizeBytes;
                _checked += header.RecordCount;
                offset = header.LastOffset + 1;
                left = left[header.SizeBytes..];
            }
        }
        foreach ((long at, (int Cycle, int Number) id) in acknowledged)
            if (at >= partition.LogStartOffset && !found.Contains(at)) throw new InvalidDataException($"{partition}@{at} (cycle {id.Cycle}, batch {id.Number}) was acknowledged and is gone; the log is [{partition.LogStartOffset}, {partition.HighWatermark})");
        if (partition.LogStartOffset > 0 && bytes < CutWriter.RetentionBytes) throw new InvalidDataException($"{partition}: only {bytes} bytes are left, retention had to leave {CutWriter.RetentionBytes}");
        long[] removed = [.. acknowledged.Keys.TakeWhile(k => k < partition.LogStartOffset)];
        _recycled += removed.Length > 0 ? 1 : 0;
        foreach (long key in removed) acknowledged.Remove(key);
    }

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);
}
