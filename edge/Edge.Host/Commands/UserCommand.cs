using System.Buffers;
using System.CommandLine;
using System.Text.Json;

namespace Edge.Host.Commands;

/// <summary><c>edge user add|remove|list</c> and <c>edge acl add|remove|list</c>: who may log in, and what each may do.</summary>
internal static class UserCommand
{
    private const int MaxPasswordFileBytes = 4096;

    public static Command Create(Shell shell)
    {
        var command = new Command("user", "Users that log in over Kafka: add, remove, list.");
        var name = new Argument<string>("NAME") { Description = "1 to 64 of A-Z a-z 0-9 . _ @ -" };
        var file = new Option<string?>("--password-file") { Description = "Take the password from the first line of this file instead of standard input." };
        var certificate = new Option<bool>("--certificate") { Description = "No password: the user shows a client certificate with this name as its common name." };
        var replace = new Option<bool>("--replace") { Description = "Set the password of a user that exists; its rules stay." };
        Command add = CommonOptions.Remote(new Command("add", "Add a user; the password is read from standard input. It may do nothing before 'edge acl add'.") { name, file, certificate, replace });
        add.SetAction(async (parsed, cancellationToken) =>
        {
            string user = parsed.GetRequiredValue(name);
            string? password = parsed.GetValue(certificate) ? null : ReadPassword(shell, parsed.GetValue(file));
            byte[] body = Body(json =>
            {
                json.WriteString("name"u8, user);
                if (password is not null) json.WriteString("password"u8, password);
                json.WriteBoolean("replace"u8, parsed.GetValue(replace));
            });
            using ApplianceClient client = CommonOptions.Client(parsed);
            using JsonDocument? answer = await client.SendAsync(HttpMethod.Post, "/api/v1/users", body, cancellationToken).ConfigureAwait(false);
            return Print(shell, parsed, answer, $"{user}: stored");
        });
        command.Add(add);
        Command remove = CommonOptions.Remote(new Command("remove", "Remove a user; its open connections may do nothing from then on.") { name });
        remove.SetAction(async (parsed, cancellationToken) =>
        {
            string user = parsed.GetRequiredValue(name);
            using ApplianceClient client = CommonOptions.Client(parsed);
            using JsonDocument? answer = await client.SendAsync(HttpMethod.Delete, $"/api/v1/users/{Uri.EscapeDataString(user)}", null, cancellationToken).ConfigureAwait(false);
            return Print(shell, parsed, answer, $"{user}: removed");
        });
        command.Add(remove);
        command.Add(List(shell, "list", "All users.", static (shell, user) =>
            shell.Line($"{user.GetProperty("name").GetString(),-32} {(user.GetProperty("password").GetBoolean() ? "password" : "certificate"),-12} {user.GetProperty("rules").GetArrayLength(),3} rules")));
        return command;
    }

    public static Command CreateAcl(Shell shell)
    {
        var command = new Command("acl", "What users may do: add, remove, list. What no rule allows is refused.");
        Change("add", "Allow an operation on topics.", HttpMethod.Post);
        Change("remove", "Take back what a rule allows.", HttpMethod.Delete);
        command.Add(List(shell, "list", "All rules.", static (shell, user) =>
        {
            foreach (JsonElement rule in user.GetProperty("rules").EnumerateArray())
                shell.Line($"{user.GetProperty("name").GetString(),-32} {rule.GetProperty("operation").GetString(),-24} {rule.GetProperty("pattern").GetString()}");
        }));
        return command;

        void Change(string verb, string description, HttpMethod method)
        {
            var name = new Argument<string>("NAME") { Description = "The user." };
            var operation = new Argument<string>("OPERATION") { Description = "publish, subscribe, admin or all; several separated by commas." };
            var pattern = new Argument<string>("PATTERN") { Description = "Topics: an MQTT filter (+, #) in which * is any text within a level, %u the user's name and %c the MQTT client id." };
            Command child = CommonOptions.Remote(new Command(verb, description) { name, operation, pattern });
            child.SetAction(async (parsed, cancellationToken) =>
            {
                string user = parsed.GetRequiredValue(name);
                byte[] body = Body(json =>
                {
                    json.WriteString("operation"u8, parsed.GetRequiredValue(operation));
                    json.WriteString("pattern"u8, parsed.GetRequiredValue(pattern));
                });
                using ApplianceClient client = CommonOptions.Client(parsed);
                using JsonDocument? answer = await client.SendAsync(method, $"/api/v1/users/{Uri.EscapeDataString(user)}/rules", body, cancellationToken).ConfigureAwait(false);
                return Print(shell, parsed, answer, $"{user}: {(verb == "add" ? "may" : "may no longer")} {parsed.GetRequiredValue(operation)} {parsed.GetRequiredValue(pattern)}");
            });
            command.Add(child);
        }
    }

    private static Command List(Shell shell, string verb, string description, Action<Shell, JsonElement> print)
    {
        Command command = CommonOptions.Remote(new Command(verb, description));
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using ApplianceClient client = CommonOptions.Client(parsed);
            using JsonDocument answer = await client.GetAsync("/api/v1/users", cancellationToken).ConfigureAwait(false);
            if (parsed.GetValue(CommonOptions.Json)) CommonOptions.PrintJson(shell, answer.RootElement);
            else foreach (JsonElement user in answer.RootElement.GetProperty("users").EnumerateArray()) print(shell, user);
            return ExitCode.Done;
        });
        return command;
    }

    private static int Print(Shell shell, ParseResult parsed, JsonDocument? answer, string text)
    {
        if (!parsed.GetValue(CommonOptions.Json)) shell.Line(text);
        else if (answer is not null) CommonOptions.PrintJson(shell, answer.RootElement);
        else CommonOptions.PrintJson(shell, static json =>
        {
            json.WriteStartObject();
            json.WriteEndObject();
        });
        return ExitCode.Done;
    }

    /// <summary>Never from an argument: those are readable by every user of the machine.</summary>
    private static string ReadPassword(Shell shell, string? file)
    {
        if (file is null)
        {
            if (!Console.IsInputRedirected) shell.Message("type the password, then Enter (it is shown; use --password-file or a pipe to avoid that):");
            return shell.Input.ReadLine() ?? throw new CommandException(ExitCode.Usage, "there is no password on standard input.");
        }
        if (new FileInfo(file) is { Exists: true, Length: > MaxPasswordFileBytes }) throw new CommandException(ExitCode.Usage, $"{file} has more than {MaxPasswordFileBytes} bytes; it should hold one line.");
        return File.ReadLines(file).FirstOrDefault() ?? throw new CommandException(ExitCode.Usage, $"{file} is empty.");
    }

    private static byte[] Body(Action<Utf8JsonWriter> fields)
    {
        var body = new ArrayBufferWriter<byte>(256);
        using (var json = new Utf8JsonWriter(body))
        {
            json.WriteStartObject();
            fields(json);
            json.WriteEndObject();
        }
        return body.WrittenSpan.ToArray();
    }
}
