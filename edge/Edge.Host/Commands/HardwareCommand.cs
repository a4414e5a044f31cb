using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Edge.Hardware;
using Edge.Hardware.Buses;
using Edge.Hardware.Detection;
using Edge.Host.Configuration;

namespace Edge.Host.Commands;

/// <summary><c>edge hardware detect|pins|watch|blink</c>: works on the machine itself, no appliance needs to run.</summary>
internal static class HardwareCommand
{
    public static Command Create(Shell shell)
    {
        var command = new Command("hardware", "The machine's buses and pins.") { CreateDetect(shell), CreatePins(shell), CreateWatch(shell), CreateBlink(shell) };
        return command;
    }

    private static Command CreateDetect(Shell shell)
    {
        Command command = Configured(new Command("detect", "Look for devices on I2C, 1-Wire, SPI, serial lines and in the kernel, and propose a configuration."));
        command.SetAction((parsed, cancellationToken) => Task.Run(() =>
        {
            EdgeOptions options = Options(parsed);
            DetectedHardware found = HardwareTools.Detect(options.Hardware, options.Sensors, shell.TimeProvider, cancellationToken);
            if (parsed.GetValue(CommonOptions.Json)) CommonOptions.PrintJson(shell, json => Write(json, found));
            else Print(shell, found);
            return found.Devices.Count > 0 ? ExitCode.Done : ExitCode.No;
        }, cancellationToken));
        return command;
    }

    private static Command CreatePins(Shell shell)
    {
        Command command = Configured(new Command("pins", "Picture of the header with what is used."));
        command.SetAction(parsed =>
        {
            EdgeOptions options = Options(parsed);
            IReadOnlyList<PinUse> pins = HardwareTools.Pins(options.Hardware, options.Sensors, shell.TimeProvider);
            if (parsed.GetValue(CommonOptions.Json)) CommonOptions.PrintJson(shell, json => Write(json, pins));
            else if (pins.Count == 0) shell.Message("the header of this machine is not known; name a board with --set Hardware:Board=pi4, or see 'edge hardware detect'.");
            else foreach (string line in Picture(pins)) shell.Line(line);
            return pins.Count > 0 ? ExitCode.Done : ExitCode.No;
        });
        return command;
    }

    private static Command CreateWatch(Shell shell)
    {
        var lines = new Argument<string[]>("LINE") { Description = "GPIO17, 'header pin 11', gpiochip0:17; one or more.", Arity = ArgumentArity.OneOrMore };
        var pullUp = new Option<bool>("--pull-up") { Description = "Switch the line's pull-up on." };
        var max = new Option<int>("--max") { Description = "Stop after so many edges; 0: when interrupted.", DefaultValueFactory = static _ => 0 };
        Command command = Configured(new Command("watch", "Print edges of lines as they come, with the kernel's time and sequence.") { lines, pullUp, max });
        command.SetAction(async (parsed, cancellationToken) =>
        {
            EdgeOptions options = Options(parsed);
            int most = parsed.GetValue(max), seen = 0;
            bool asJson = parsed.GetValue(CommonOptions.Json);
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            await RunAsync(() => HardwareTools.WatchAsync(
                options.Hardware, parsed.GetRequiredValue(lines), parsed.GetValue(pullUp),
                (line, level, edge) =>
                {
                    if (most > 0 && seen >= most) return;
                    seen++;
                    if (asJson) CommonOptions.PrintJson(shell, json => Write(json, line, level, edge));
                    else shell.Line(string.Create(CultureInfo.InvariantCulture, $"{line}  {(level ? "rising " : "falling")}  {edge.TimeNs / 1e9:0.000000000} s  #{edge.Sequence}{(edge.LostBefore > 0 ? $"  ({edge.LostBefore} lost before it)" : "")}"));
                    if (most > 0 && seen >= most) stop.CancelAfter(TimeSpan.Zero);
                },
                shell.TimeProvider, stop.Token)).ConfigureAwait(false);
            return ExitCode.Done;
        });
        return command;
    }

    private static Command CreateBlink(Shell shell)
    {
        var line = new Argument<string>("LINE") { Description = "GPIO17, 'header pin 11', gpiochip0:17." };
        var times = new Option<int>("--times") { Description = "How often, 1 to 10000.", DefaultValueFactory = static _ => 10 };
        var period = new Option<string>("--period") { Description = "On and off together, 20ms to 1min.", DefaultValueFactory = static _ => "1s" };
        Command command = Configured(new Command("blink", "Switch a line on and off: shows whether wiring and rights are right. Leaves it off.") { line, times, period });
        command.SetAction(async (parsed, cancellationToken) =>
        {
            EdgeOptions options = Options(parsed);
            int count = parsed.GetValue(times);
            if (count is < 1 or > 10_000) throw new CommandException(ExitCode.Usage, $"--times is {count}; use 1 to 10000.");
            if (!ConfigText.TryParseDuration(parsed.GetValue(period)!, out TimeSpan time) || time < TimeSpan.FromMilliseconds(20) || time > TimeSpan.FromMinutes(1))
                throw new CommandException(ExitCode.Usage, $"--period is '{parsed.GetValue(period)}'; use 20ms to 1min.");
            string name = parsed.GetRequiredValue(line);
            if (!parsed.GetValue(CommonOptions.Json)) shell.Message($"{name} blinks {count} times.");
            await RunAsync(() => HardwareTools.BlinkAsync(options.Hardware, name, count, time, static _ => { }, shell.TimeProvider, cancellationToken)).ConfigureAwait(false);
            if (parsed.GetValue(CommonOptions.Json)) CommonOptions.PrintJson(shell, json =>
            {
                json.WriteStartObject();
                json.WriteString("line"u8, name);
                json.WriteNumber("times"u8, count);
                json.WriteEndObject();
            });
            return ExitCode.Done;
        });
        return command;
    }

    private static Command Configured(Command command)
    {
        command.Add(CommonOptions.Config);
        command.Add(CommonOptions.Set);
        return command;
    }

    private static EdgeOptions Options(ParseResult parsed) =>
        ConfigLoader.Load(new ConfigInput(parsed.GetValue(CommonOptions.Config), Environment.GetEnvironmentVariables(), [.. parsed.GetValue(CommonOptions.Set) ?? []], false)).Options;

    /// <summary>Rights are one exit code, everything else that cannot be opened another.</summary>
    private static async Task RunAsync(Func<Task> action)
    {
        try { await action().ConfigureAwait(false); }
        catch (BusException e) { throw new CommandException(e.Fault == BusFault.NoPermission ? ExitCode.Refused : ExitCode.Unreachable, e.Message + "."); }
    }

    private static void Print(Shell shell, DetectedHardware found)
    {
        shell.Line($"board     {found.Model ?? "not a device tree machine"} (profile {found.Board})");
        foreach (string chip in found.GpioChips) shell.Line($"gpio      {chip}");
        foreach (DetectedDevice device in found.Devices)
        {
            string what = device.Drivers.Count == 0 ? "unknown; drivers i2c-register" : device.IsCertain ? device.Drivers[0] : $"perhaps {string.Join(" or ", device.Drivers)}";
            shell.Line($"{device.Bus,-9} {device.Address}: {what}");
        }
        foreach (string problem in found.Problems) shell.Message(problem + ".");
        if (found.Proposed.Count == 0) return;
        shell.Line("");
        shell.Line("A configuration for what was found:");
        CommonOptions.PrintJson(shell, json => WriteProposal(json, found.Proposed));
    }

    /// <summary>Two columns as the header lies: odd pins left, even pins right.</summary>
    private static IEnumerable<string> Picture(IReadOnlyList<PinUse> pins)
    {
        string Text(PinUse pin)
        {
            var text = new StringBuilder(pin.Label);
            if (pin.ConfiguredFor.Length > 0) text.Append(CultureInfo.InvariantCulture, $" [{pin.ConfiguredFor}]");
            else if (pin.HeldBy.Length > 0) text.Append(CultureInfo.InvariantCulture, $" (held by {pin.HeldBy})");
            else if (pin.Function.Length > 0) text.Append(CultureInfo.InvariantCulture, $" {pin.Function.Split(' ')[0]}");
            return text.ToString();
        }
        int width = pins.Where(static p => p.Number % 2 == 1).Max(p => Text(p).Length);
        for (int i = 0; i + 1 < pins.Count; i += 2) yield return $"{Text(pins[i]).PadLeft(width)}  {Mark(pins[i])} {pins[i].Number,2} | {pins[i + 1].Number,-2} {Mark(pins[i + 1])}  {Text(pins[i + 1])}";

        static char Mark(PinUse pin) => pin.ConfiguredFor.Length > 0 || pin.HeldBy.Length > 0 ? '#' : pin.Label.StartsWith("GPIO", StringComparison.Ordinal) ? 'o' : '.';
    }

    private static void Write(Utf8JsonWriter json, DetectedHardware found)
    {
        json.WriteStartObject();
        if (found.Model is { } model) json.WriteString("model"u8, model);
        json.WriteString("board"u8, found.Board);
        Texts(json, "gpioChips", found.GpioChips);
        json.WriteStartArray("devices"u8);
        foreach (DetectedDevice device in found.Devices)
        {
            json.WriteStartObject();
            json.WriteString("bus"u8, device.Bus);
            json.WriteString("address"u8, device.Address);
            Texts(json, "drivers", device.Drivers);
            json.WriteBoolean("certain"u8, device.IsCertain);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        Texts(json, "problems", found.Problems);
        json.WritePropertyName("proposed"u8);
        WriteProposal(json, found.Proposed);
        json.WriteEndObject();
    }

    private static void WriteProposal(Utf8JsonWriter json, IReadOnlyList<SensorOptions> sensors)
    {
        json.WriteStartObject();
        json.WriteStartArray("Sensors"u8);
        foreach (SensorOptions sensor in sensors)
        {
            json.WriteStartObject();
            json.WriteString("Name"u8, sensor.Name);
            json.WriteString("Driver"u8, sensor.Driver);
            json.WriteString("Topic"u8, sensor.Topic);
            json.WriteString("Key"u8, sensor.Key);
            json.WriteString("Interval"u8, ConfigText.Duration(sensor.Interval));
            if (sensor.Settings.Count > 0)
            {
                json.WriteStartObject("Settings"u8);
                foreach ((string name, string value) in sensor.Settings) json.WriteString(name, value);
                json.WriteEndObject();
            }
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, IReadOnlyList<PinUse> pins)
    {
        json.WriteStartArray();
        foreach (PinUse pin in pins)
        {
            json.WriteStartObject();
            json.WriteNumber("pin"u8, pin.Number);
            json.WriteString("label"u8, pin.Label);
            json.WriteString("function"u8, pin.Function);
            json.WriteString("configuredFor"u8, pin.ConfiguredFor);
            json.WriteString("heldBy"u8, pin.HeldBy);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private static void Write(Utf8JsonWriter json, string line, bool level, EdgeDetail edge)
    {
        json.WriteStartObject();
        json.WriteString("line"u8, line);
        json.WriteNumber("level"u8, level ? 1 : 0);
        json.WriteNumber("kernelTimeNs"u8, edge.TimeNs);
        json.WriteNumber("sequence"u8, edge.Sequence);
        json.WriteNumber("lostBefore"u8, edge.LostBefore);
        json.WriteEndObject();
    }

    private static void Texts(Utf8JsonWriter json, string name, IReadOnlyList<string> texts)
    {
        json.WriteStartArray(name);
        foreach (string text in texts) json.WriteStringValue(text);
        json.WriteEndArray();
    }
}
