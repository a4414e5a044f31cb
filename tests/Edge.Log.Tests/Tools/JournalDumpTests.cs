using System.Text;
using Edge.Log.Records;
using Edge.Log.Tools;
using Edge.Testing.Storage;

namespace Edge.Log.Tests.Tools;

public sealed class JournalDumpTests
{
    private readonly SimulatedDisk _disk = new();
    private readonly ToolJournal _made;

    public JournalDumpTests() => _made = ToolJournal.Make(_disk, segments: 2);

    [Fact]
    public void Dump_WithoutFilter_HandsOutEveryRecordInOrder()
    {
        List<(DumpPlace Place, long Offset, string Key)> all = Dump(new DumpFilter());
        Assert.Equal(_made.Records, all.Count);
        Assert.Equal(all.Select(r => r.Place.IngestSequence).Order(), all.Select(r => r.Place.IngestSequence));
        Assert.All(all, r => Assert.False(r.Place.Partition.IsInternal));
        List<(string, int, long)> expected = [.. _made.Batches.SelectMany(b => Enumerable.Range(0, RecordBatchHeader.Parse(b.Bytes).RecordCount).Select(i => (b.Topic, b.Partition, b.BaseOffset + i)))];
        Assert.Equal(expected, all.Select(r => (r.Place.Partition.Topic, r.Place.Partition.Partition, r.Offset)));
    }

    [Fact]
    public void Dump_Filtered_HandsOutThatPartitionFromThatOffsetUpToTheLimit()
    {
        List<(DumpPlace Place, long Offset, string Key)> some = Dump(new DumpFilter { Topic = "readings", Partition = 1, From = 17, Limit = 40 });
        Assert.Equal(Enumerable.Range(17, 40).Select(i => (long)i), some.Select(r => r.Offset));
        Assert.All(some, r => Assert.Equal("readings-1", r.Place.Partition.ToString()));
        Assert.Equal(40, some.Count);
    }

    [Fact]
    public void Dump_Internal_ShowsTheTables()
    {
        Assert.Contains(Dump(new DumpFilter { Internal = true }), r => r.Place.Partition.Topic == "__topics" && r.Key == "readings");
        Assert.Contains(Dump(new DumpFilter { Topic = "__boots" }), r => r.Key == "log");
    }

    [Fact]
    public void Dump_NoSuchTopicOrPartition_SaysWhatThereIs()
    {
        Assert.Contains("events, readings", Assert.Throws<ArgumentException>(() => Dump(new DumpFilter { Topic = "nothing" })).Message, StringComparison.Ordinal);
        Assert.Contains("0 to 2", Assert.Throws<ArgumentException>(() => Dump(new DumpFilter { Topic = "readings", Partition = 3 })).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Segments_OfAJournal_SayWhatTheyHold()
    {
        using OfflineJournal journal = OfflineJournal.Open(_disk);
        SegmentSummary[] segments = [.. JournalDump.Segments(journal)];
        Assert.Equal(2, segments.Length);
        Assert.Equal((false, true), (segments[0].IsActive, segments[1].IsActive));
        Assert.Equal((true, false), (segments[0].HasIndex, segments[1].HasIndex));
        Assert.Equal(segments[0].FirstSequence + segments[0].Frames, segments[1].FirstSequence);
        Assert.True(segments.Sum(s => s.Records) > _made.Records); // and those of internal topics
    }

    private List<(DumpPlace Place, long Offset, string Key)> Dump(DumpFilter filter)
    {
        List<(DumpPlace, long, string)> all = [];
        using OfflineJournal journal = OfflineJournal.Open(_disk);
        long count = JournalDump.Run(journal, filter, (DumpPlace place, in RecordView record) => all.Add((place, record.Offset, Encoding.UTF8.GetString(record.Key))));
        Assert.Equal(count, all.Count);
        return all;
    }
}
