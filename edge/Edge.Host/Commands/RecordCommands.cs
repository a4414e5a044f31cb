using System.Buffers;
using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Threading.Channels;

namespace Edge.Host.Commands;

/// <summary><c>edge consume</c>, <c>edge produce</c>.</summary>
internal static class RecordCommands
{
    private const int LinesAtOnce = 500;

    public static Command CreateConsume(Shell shell)
    {
        var topic = new Argument<string>("TOPIC") { Description = "Name of the topic." };
        var from = new Option<string>("--from") { Description = "earliest, latest, an offset, or a time (ISO 8601).", DefaultValueFactory = static _ => "earliest" };
        var partition = new Option<int?>("--partition") { Description = "One partition only; default all." };
        var follow = new Option<bool>("--follow") { Description = "Wait for more at the end." };
        var max = new Option<long?>("--max") { Description = "End after that many records." };
        var format = new Option<string>("--format") { Description = "text, json or raw.", DefaultValueFactory = static _ => "text" };
        format.AcceptOnlyFromAmong("text", "json", "raw");
        Command command = CommonOptions.Remote(new Command("consume", "Print records of a topic.") { topic, from, partition, follow, max, format });
        command.SetAction(async (parsed, cancellationToken) =>
        {
            string form = parsed.GetValue(CommonOptions.Json) ? "json" : parsed.GetValue(format)!;
            var path = new StringBuilder($"/api/v1/topics/{Uri.EscapeDataString(parsed.GetRequiredValue(topic))}/records?{From(parsed.GetValue(from)!)}");
            if (parsed.GetValue(partition) is { } p) path.Append(CultureInfo.InvariantCulture, $"&partition={p}");
            if (parsed.GetValue(max) is { } m) path.Append(CultureInfo.InvariantCulture, $"&limit={m}");
            if (parsed.GetValue(follow)) path.Append("&follow=true");
            using ApplianceClient client = CommonOptions.Client(parsed);
            await foreach (JsonDocument record in client.LinesAsync(path.ToString(), cancellationToken).ConfigureAwait(false))
            {
                using (record) Print(shell, record.RootElement, form);
            }
            return ExitCode.Done;
        });
        return command;
    }

    public static Command CreateProduce(Shell shell)
    {
        var topic = new Argument<string>("TOPIC") { Description = "Name of the topic." };
        var key = new Option<string?>("--key") { Description = "Key of every record; default none." };
        Command command = CommonOptions.Remote(new Command("produce", "Store one record a line of standard input.") { topic, key });
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using ApplianceClient client = CommonOptions.Client(parsed);
            string path = $"/api/v1/topics/{Uri.EscapeDataString(parsed.GetRequiredValue(topic))}/records";
            long stored = 0;
            var lines = Channel.CreateBounded<string>(new BoundedChannelOptions(2 * LinesAtOnce) { SingleReader = true, SingleWriter = true });
            Task reading = Task.Run(() => ReadLinesAsync(shell.Input, lines.Writer, cancellationToken), cancellationToken);
            var batch = new List<string>();
            while (await lines.Reader.WaitToReadAsync(cancellationToken).ConfigureAwait(false))
            {
                // What is there goes together, what is typed goes at once.
                int characters = 0;
                while (batch.Count < LinesAtOnce && characters < 256 << 10 && lines.Reader.TryRead(out string? line))
                {
                    batch.Add(line);
                    characters += line.Length;
                }
                stored += await SendAsync(client, path, batch, parsed.GetValue(key), parsed.GetValue(CommonOptions.Json) ? shell : null, cancellationToken).ConfigureAwait(false);
                batch.Clear();
            }
            await reading.ConfigureAwait(false);
            if (!parsed.GetValue(CommonOptions.Json)) shell.Message(stored == 1 ? "1 record stored." : string.Create(CultureInfo.InvariantCulture, $"{stored} records stored."));
            return ExitCode.Done;
        });
        return command;
    }

    private static async Task ReadLinesAsync(TextReader input, ChannelWriter<string> lines, CancellationToken cancellationToken)
    {
        try
        {
            while (await input.ReadLineAsync(cancellationToken).ConfigureAwait(false) is { } line) await lines.WriteAsync(line, cancellationToken).ConfigureAwait(false);
            lines.Complete();
        }
        catch (Exception e) { lines.Complete(e); }
    }

    private static async Task<int> SendAsync(ApplianceClient client, string path, List<string> lines, string? key, Shell? jsonTo, CancellationToken cancellationToken)
    {
        var body = new ArrayBufferWriter<byte>(4096);
        using (var json = new Utf8JsonWriter(body))
        {
            json.WriteStartArray();
            foreach (string line in lines)
            {
                json.WriteStartObject();
                if (key is not null) json.WriteString("key"u8, key);
                json.WriteString("value"u8, line);
                json.WriteEndObject();
            }
            json.WriteEndArray();
        }
        using JsonDocument? answer = await client.SendAsync(HttpMethod.Post, path, body.WrittenSpan.ToArray(), cancellationToken).ConfigureAwait(false);
        if (jsonTo is not null)
            foreach (JsonElement record in answer!.RootElement.GetProperty("records").EnumerateArray()) CommonOptions.PrintJson(jsonTo, record);
        return lines.Count;
    }

    private static string From(string from) =>
        from is "earliest" or "latest" || from.All(char.IsAsciiDigit) && from.Length > 0 ? $"offset={from}"
        : DateTimeOffset.TryParse(from, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset time)
            ? string.Create(CultureInfo.InvariantCulture, $"time={time.ToUnixTimeMilliseconds()}")
            : throw new CommandException(ExitCode.Usage, $"--from is '{from}'; use earliest, latest, an offset, or a time such as 2026-11-23T06:00:00Z.");

    private static void Print(Shell shell, JsonElement record, string format)
    {
        switch (format)
        {
            case "json":
                CommonOptions.PrintJson(shell, record);
                break;
            case "raw":
                shell.Output.Write(Bytes(record.GetProperty("value")));
                shell.Line("");
                break;
            default:
                shell.Line($"{record.GetProperty("partition")}:{record.GetProperty("offset")} {record.GetProperty("timestamp").GetString()} {Text(record.GetProperty("key"))} {Text(record.GetProperty("value"))}");
                break;
        }
    }

    private static byte[] Bytes(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => Encoding.UTF8.GetBytes(value.GetString()!),
        JsonValueKind.Object => value.GetProperty("base64").GetBytesFromBase64(),
        _ => [],
    };

    private static string Text(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => "-",
        JsonValueKind.Object => "base64:" + value.GetProperty("base64").GetString(),
        _ => value.GetString()!,
    };
}
