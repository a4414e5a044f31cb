using System.Text.Json;

namespace Edge.CloudSync.Audit;

/// <summary>The report as <c>edge audit --json</c> prints it: a line per chain, then the total with its verdict.</summary>
public static class AuditJson
{
    public static void Write(AuditReport report, Stream output)
    {
        ArgumentNullException.ThrowIfNull(report);
        ArgumentNullException.ThrowIfNull(output);
        using var json = new Utf8JsonWriter(output);
        foreach (AuditRow row in report.Rows)
        {
            WriteRow(json, row);
            EndLine(json, output);
        }
        json.WriteStartObject();
        json.WriteString("topic"u8, report.Topic);
        json.WriteNumber("chains"u8, report.Rows.Count);
        json.WriteNumber("records"u8, report.RecordsRead);
        json.WriteNumber("withoutId"u8, report.WithoutId);
        json.WriteNumber("trimmedPartitions"u8, report.TrimmedPartitions);
        json.WriteNumber("delivered"u8, report.Delivered);
        json.WriteNumber("deadLettered"u8, report.DeadLettered);
        json.WriteNumber("lost"u8, report.Lost);
        json.WriteNumber("duplicated"u8, report.Duplicated);
        json.WriteNumber("reordered"u8, report.Reordered);
        json.WriteNumber("elapsedMs"u8, (long)report.Elapsed.TotalMilliseconds);
        json.WriteString("verdict"u8, report.Verdict);
        json.WriteEndObject();
        EndLine(json, output);
    }

    private static void WriteRow(Utf8JsonWriter json, AuditRow row)
    {
        json.WriteStartObject();
        json.WriteString("device"u8, row.Device);
        json.WriteString("topic"u8, row.Topic);
        json.WriteNumber("partition"u8, row.Partition);
        json.WriteNumber("first"u8, row.First);
        json.WriteNumber("last"u8, row.Last);
        json.WriteNumber("delivered"u8, row.Delivered);
        json.WriteNumber("lost"u8, row.Lost);
        json.WriteNumber("duplicated"u8, row.Duplicated);
        json.WriteNumber("reordered"u8, row.Reordered);
        json.WriteStartArray("gaps"u8);
        foreach (AuditGap gap in row.Gaps)
        {
            json.WriteStartObject();
            json.WriteNumber("from"u8, gap.From);
            json.WriteNumber("to"u8, gap.To);
            json.WriteNumber("count"u8, gap.Count);
            json.WriteString("reason"u8, gap.Reason);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteString("log"u8, row.Log);
        json.WriteNumber("deadLettered"u8, row.DeadLettered);
        json.WriteEndObject();
    }

    private static void EndLine(Utf8JsonWriter json, Stream output)
    {
        json.Flush();
        output.WriteByte((byte)'\n');
        json.Reset();
    }
}
