using System.Globalization;
using System.Text.Json;
using Edge.Log.Tools;

namespace Edge.Host.Commands;

/// <summary>How <c>edge log</c> shows what the journal's tools found.</summary>
internal static class LogReports
{
    public static void Print(Shell shell, string directory, VerifyReport report)
    {
        foreach (PartitionExtent p in report.Partitions)
        {
            shell.Line(string.Create(CultureInfo.InvariantCulture,
                $"{p.Name}: offsets {p.First} to {p.End - 1}, {p.Records} records in {p.Batches} batches, {p.Bytes} bytes{(p.MissingOffsets > 0 ? $", {p.MissingOffsets} offsets without a record" : "")}"));
        }
        foreach (JournalProblem problem in report.Problems)
        {
            shell.Line(string.Create(CultureInfo.InvariantCulture, $"{(problem.IsDerived ? "derived" : "DAMAGE")}: {problem.File} at {problem.Position}, {problem.Bytes} bytes: {problem.Text}"));
            foreach (LostOffsets lost in problem.Lost) shell.Line($"  cannot be read: {lost}");
        }
        if (report.HasTornTail) shell.Line("the last commit was cut off before it was acknowledged; the next start removes it (not damage)");
        string verdict = report.IsSound ? "sound" : report.HasDataDamage ? "damaged; 'edge log repair' says what can be done" : "nothing lost; what is damaged is made again at the next start";
        shell.Line(string.Create(CultureInfo.InvariantCulture, $"{directory}: {report.Segments} segments, {report.Records} records in {report.Batches} batches, {report.Bytes} bytes: {verdict}"));
    }

    public static void Write(Utf8JsonWriter json, string directory, VerifyReport report)
    {
        json.WriteStartObject();
        json.WriteString("directory"u8, directory);
        json.WriteString("verdict"u8, report.IsSound ? "sound" : report.HasDataDamage ? "damaged" : "derived");
        json.WriteNumber("segments"u8, report.Segments);
        json.WriteNumber("frames"u8, report.Frames);
        json.WriteNumber("batches"u8, report.Batches);
        json.WriteNumber("records"u8, report.Records);
        json.WriteNumber("bytes"u8, report.Bytes);
        json.WriteNumber("endPosition"u8, report.EndPosition);
        json.WriteBoolean("tornTail"u8, report.HasTornTail);
        json.WriteStartArray("partitions"u8);
        foreach (PartitionExtent p in report.Partitions)
        {
            json.WriteStartObject();
            WriteName(json, p.Name);
            json.WriteNumber("first"u8, p.First);
            json.WriteNumber("last"u8, p.End - 1);
            json.WriteNumber("records"u8, p.Records);
            json.WriteNumber("batches"u8, p.Batches);
            json.WriteNumber("bytes"u8, p.Bytes);
            json.WriteNumber("missing"u8, p.MissingOffsets);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteStartArray("problems"u8);
        foreach (JournalProblem problem in report.Problems)
        {
            json.WriteStartObject();
            json.WriteString("kind"u8, JsonNamingPolicy.CamelCase.ConvertName(problem.Kind.ToString()));
            json.WriteBoolean("derived"u8, problem.IsDerived);
            json.WriteString("file"u8, problem.File);
            json.WriteNumber("position"u8, problem.Position);
            json.WriteNumber("bytes"u8, problem.Bytes);
            json.WriteString("text"u8, problem.Text);
            WriteLost(json, problem.Lost);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    public static void Print(Shell shell, SegmentSummary s) => shell.Line(string.Create(CultureInfo.InvariantCulture,
        $"{s.File}: epoch {s.Epoch}, {s.Frames} frames from sequence {s.FirstSequence}, {s.Records} records of {s.Partitions} partitions from ingest sequence {s.FirstIngestSequence}, {s.EndBytes} of {s.FileBytes} bytes, {(s.IsActive ? "active" : s.HasIndex ? "sealed" : "sealed, no index")}{(s.DamagedRanges > 0 ? $", {s.DamagedRanges} damaged ranges" : "")}"));

    public static void Write(Utf8JsonWriter json, SegmentSummary s)
    {
        json.WriteStartObject();
        json.WriteString("file"u8, s.File);
        json.WriteNumber("position"u8, s.Position);
        json.WriteNumber("end"u8, s.EndBytes);
        json.WriteNumber("size"u8, s.FileBytes);
        json.WriteNumber("epoch"u8, s.Epoch);
        json.WriteNumber("firstSequence"u8, s.FirstSequence);
        json.WriteNumber("firstIngestSequence"u8, s.FirstIngestSequence);
        json.WriteNumber("frames"u8, s.Frames);
        json.WriteNumber("records"u8, s.Records);
        json.WriteNumber("partitions"u8, s.Partitions);
        json.WriteBoolean("active"u8, s.IsActive);
        json.WriteBoolean("index"u8, s.HasIndex);
        json.WriteNumber("damagedRanges"u8, s.DamagedRanges);
        json.WriteEndObject();
    }

    public static void Print(Shell shell, ExportedPartition p) => shell.Line(string.Create(CultureInfo.InvariantCulture,
        $"{p.Directory}: {(p.Records == 0 ? "empty" : $"offsets {p.FirstOffset} to {p.NextOffset - 1}")}, {p.Records} records in {p.Batches} batches, {p.Bytes} bytes, {p.Segments} segments{(p.Left > 0 ? $"; {p.Left} batches left out: their records cannot be read" : "")}"));

    public static void Write(Utf8JsonWriter json, string root, IReadOnlyList<ExportedPartition> partitions)
    {
        json.WriteStartObject();
        json.WriteString("directory"u8, root);
        json.WriteStartArray("partitions"u8);
        foreach (ExportedPartition p in partitions)
        {
            json.WriteStartObject();
            json.WriteString("topic"u8, p.Topic);
            json.WriteNumber("partition"u8, p.Partition);
            json.WriteString("folder"u8, p.Directory);
            json.WriteNumber("first"u8, p.FirstOffset);
            json.WriteNumber("next"u8, p.NextOffset);
            json.WriteNumber("records"u8, p.Records);
            json.WriteNumber("batches"u8, p.Batches);
            json.WriteNumber("bytes"u8, p.Bytes);
            json.WriteNumber("segments"u8, p.Segments);
            json.WriteNumber("left"u8, p.Left);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    public static void Print(Shell shell, RepairPlan plan, string quarantine, bool isDone)
    {
        foreach (RepairAction action in plan.Actions)
        {
            shell.Line($"{(isDone ? "done" : "would")}: {action.Text}{(action.Quarantine.Length > 0 ? $" -> {Path.Combine(quarantine, action.Quarantine)}" : "")}");
            foreach (LostOffsets lost in action.Lost) shell.Line($"  stays lost: {lost}");
        }
        foreach (string text in plan.Unrepairable) shell.Line($"cannot be repaired: {text}");
        if (plan.Actions.Count == 0) shell.Line(plan.Unrepairable.Count == 0 ? "Nothing needs repair." : "Nothing can be done.");
        else if (!isDone) shell.Line("Nothing was changed; --apply does it.");
    }

    public static void Write(Utf8JsonWriter json, RepairPlan plan, string quarantine, bool isDone)
    {
        json.WriteStartObject();
        json.WriteBoolean("applied"u8, isDone);
        json.WriteString("quarantine"u8, quarantine);
        json.WriteStartArray("actions"u8);
        foreach (RepairAction action in plan.Actions)
        {
            json.WriteStartObject();
            json.WriteString("kind"u8, JsonNamingPolicy.CamelCase.ConvertName(action.Kind.ToString()));
            json.WriteString("file"u8, action.File);
            json.WriteNumber("position"u8, action.Position);
            json.WriteNumber("bytes"u8, action.Bytes);
            if (action.Quarantine.Length > 0) json.WriteString("quarantine"u8, action.Quarantine);
            json.WriteString("text"u8, action.Text);
            WriteLost(json, action.Lost);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteStartArray("unrepairable"u8);
        foreach (string text in plan.Unrepairable) json.WriteStringValue(text);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteLost(Utf8JsonWriter json, IReadOnlyList<LostOffsets> all)
    {
        json.WriteStartArray("lost"u8);
        foreach (LostOffsets lost in all)
        {
            json.WriteStartObject();
            WriteName(json, lost.Partition);
            json.WriteNumber("from"u8, lost.From);
            if (lost.To >= 0) json.WriteNumber("to"u8, lost.To);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private static void WriteName(Utf8JsonWriter json, PartitionName name)
    {
        json.WriteString("topic"u8, name.Topic);
        json.WriteNumber("partition"u8, name.Partition);
        json.WriteNumber("id"u8, name.Id);
    }
}
