using System.Globalization;
using Edge.Log.Commit;
using Edge.Log.Gaps;
using Edge.Log.Records;
using Edge.Log.Segments;
using Edge.Log.Storage;
using Edge.Log.Topics;
using Microsoft.Extensions.Logging;

namespace Edge.Log;

/// <summary>Durable bytes that do not verify: kept in the quarantine folder, counted, their offsets announced as gaps and never given again.</summary>
public sealed partial class Journal
{
    internal const string QuarantineFolder = "quarantine/";

    /// <summary>Fewest bytes of a record: what bounds the offsets that damage of unknown content can have held.</summary>
    private const int MinRecordBytes = 7;

    private readonly List<DamagedRange> _damages = [];
    private readonly Dictionary<int, long> _lastSequence = [];
    private readonly List<(Partition Partition, long From, long To)> _holes = [];

    private void ReportDamage(Segment segment, SegmentScan scan)
    {
        if (scan.DamagedBytes == 0) return;
        CountDamage(scan.DamagedBytes);
        LogDamage(Segment.NameOf(segment.BasePosition), scan.DamagedBytes);
        foreach (DamagedRange range in scan.Damages) Quarantine(segment, range);
    }

    private void Quarantine(Segment segment, in DamagedRange range)
    {
        string name = string.Create(CultureInfo.InvariantCulture, $"{QuarantineFolder}{segment.BasePosition:D20}-{range.From:D10}-{range.To:D10}.bin");
        try
        {
            if (_disk.Exists(name)) return;
            using IDiskFile file = _disk.Open(name, DiskOpenMode.CreateNew);
            byte[] bytes = new byte[Math.Min(range.To - range.From, 1 << 20)];
            for (int at = range.From; at < range.To;)
            {
                int read = segment.File.Read(at, bytes.AsSpan(0, Math.Min(bytes.Length, range.To - at)));
                if (read == 0) break;
                file.Write(at - range.From, bytes.AsSpan(0, read));
                at += read;
            }
            file.Sync();
        }
        catch (DiskException e) { LogNotQuarantined(name, e.Message); } // the bytes stay where they are until their segment goes
    }

    /// <summary>Notes, while frames are replayed, offsets that damage took out of a partition.</summary>
    private void NoteReplayed(Partition partition, in FrameHeader frame, in RecordBatchHeader header)
    {
        if (partition.Topic.IsInternal) return;
        if (header.BaseOffset > partition.HighWatermark && _damages.Count > 0) _holes.Add((partition, partition.HighWatermark, header.BaseOffset));
        _lastSequence[partition.Id] = frame.Sequence;
    }

    /// <summary>A partition without a frame behind the damage may have lost its newest records: their offsets must not be given to others, so its end moves over what fits into the damage.</summary>
    private void SettleDamagedEnds()
    {
        foreach (DamagedRange range in _damages)
        {
            foreach (Partition partition in _partitions.Values)
            {
                if (partition.Topic.IsInternal || (range.PartitionId >= 0 && range.PartitionId != partition.Id)) continue;
                if (_lastSequence.GetValueOrDefault(partition.Id, -1) >= range.NextSequence) continue;
                long from = partition.HighWatermark, to = from + ((range.To - range.From) / MinRecordBytes) + 1;
                partition.HighWatermark = partition.LogEndOffset = to;
                _holes.Add((partition, from, to));
            }
        }
    }

    /// <summary>The gap records of the holes; part of the boot's first commits.</summary>
    private void AnnounceHoles()
    {
        foreach ((Partition partition, long from, long to) in _holes) Submit(new HoleItem(this, partition, from, to));
        _holes.Clear();
        _damages.Clear();
        _lastSequence.Clear();
    }

    private sealed class HoleItem(Journal journal, Partition partition, long from, long to) : CommitItem
    {
        public override int SizeBytes => GapTable.BytesPerGap + 600;
        public override int MaxBatches => 2;
        public override bool UsesReserve => true;

        public override void Write(ICommitWriter writer)
        {
            journal.Gaps.Add(writer, partition, from, to, GapReason.Quarantined);
            Interlocked.Add(ref journal.Statistics.QuarantinedCount, to - from);
        }

        public override void Complete(CommitOutcome outcome)
        {
            // Nobody waits. A refusal shows at the forwarder, which announces a hole it meets by itself.
        }
    }

    [LoggerMessage(1022, LogLevel.Error, "Segment {Name}: {Bytes} bytes that were durable do not verify; they are kept, not served, and later frames stay readable")]
    private partial void LogDamage(string name, long bytes);

    [LoggerMessage(1024, LogLevel.Warning, "Damaged bytes were not copied to {Name}: {Cause}; they stay in their segment")]
    private partial void LogNotQuarantined(string name, string cause);
}
