using System.Text.Json;
using Edge.Catalog.Users;
using Microsoft.AspNetCore.Http;

namespace Edge.Http.Endpoints;

/// <summary>Users and rules. Only for who shows the token of run.json, that is, who may read the data directory.</summary>
internal sealed class UserEndpoints(UserStore users)
{
    /// <summary>Names, how each may log in, and rules; never a secret.</summary>
    public Task ListAsync(HttpContext http)
    {
        RequireToken(http);
        return Responses.JsonAsync(http, json =>
        {
            json.WriteStartObject();
            json.WriteStartArray("users"u8);
            foreach (CatalogUser user in users.Users) Write(json, user);
            json.WriteEndArray();
            json.WriteEndObject();
        });
    }

    /// <summary><c>{"name", "password", "replace"}</c>; without a password the user shows a client certificate.</summary>
    public async Task AddAsync(HttpContext http)
    {
        RequireToken(http);
        using JsonDocument body = await ReadAsync(http).ConfigureAwait(false);
        string name = Text(body, "name") ?? throw ProblemException.BadRequest("name is missing; give the user's name as text.");
        bool replace = body.RootElement.TryGetProperty("replace", out JsonElement flag) && flag.ValueKind == JsonValueKind.True;
        Check(await users.AddAsync(name, Text(body, "password"), replace).ConfigureAwait(false));
        await AnswerAsync(http, name, 201).ConfigureAwait(false);
    }

    public async Task RemoveAsync(HttpContext http)
    {
        RequireToken(http);
        Check(await users.RemoveAsync(Name(http)).ConfigureAwait(false));
        http.Response.StatusCode = 204;
    }

    /// <summary><c>{"operation": "publish|subscribe|admin|all", "pattern"}</c></summary>
    public async Task AllowAsync(HttpContext http)
    {
        RequireToken(http);
        Check(await users.AllowAsync(Name(http), await RuleAsync(http).ConfigureAwait(false)).ConfigureAwait(false));
        await AnswerAsync(http, Name(http), 200).ConfigureAwait(false);
    }

    public async Task RevokeAsync(HttpContext http)
    {
        RequireToken(http);
        Check(await users.RevokeAsync(Name(http), await RuleAsync(http).ConfigureAwait(false)).ConfigureAwait(false));
        await AnswerAsync(http, Name(http), 200).ConfigureAwait(false);
    }

    private Task AnswerAsync(HttpContext http, string name, int status) => users.TryGet(name, out CatalogUser user)
        ? Responses.JsonAsync(http, json => Write(json, user), status)
        : throw new ProblemException(404, "No such user", $"There is no user '{name}'.");

    /// <summary>The guard has compared it; here it only must be there, whatever address the request came from.</summary>
    private static void RequireToken(HttpContext http)
    {
        if (http.Request.Headers.Authorization.Count == 0) throw new ProblemException(401, "Unauthorized", "Users are managed with the token of run.json: use 'edge user' and 'edge acl' on the appliance.");
    }

    private static string Name(HttpContext http) => (string)http.Request.RouteValues["user"]!;

    private static void Write(Utf8JsonWriter json, CatalogUser user)
    {
        json.WriteStartObject();
        json.WriteString("name"u8, user.Name);
        json.WriteBoolean("password"u8, user.Password is not null);
        json.WriteString("created"u8, user.Created);
        json.WriteStartArray("rules"u8);
        foreach (AclRule rule in user.Rules)
        {
            json.WriteStartObject();
            json.WriteString("operation"u8, Name(rule.Operations));
            json.WriteString("pattern"u8, rule.Pattern);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static string Name(AclOperation operations) => operations == AclOperation.All ? "all"
        : string.Join(',', new[] { (AclOperation.Publish, "publish"), (AclOperation.Subscribe, "subscribe"), (AclOperation.Admin, "admin") }.Where(o => (operations & o.Item1) != 0).Select(o => o.Item2));

    private static async Task<AclRule> RuleAsync(HttpContext http)
    {
        using JsonDocument body = await ReadAsync(http).ConfigureAwait(false);
        string pattern = Text(body, "pattern") ?? throw ProblemException.BadRequest("pattern is missing; give a topic pattern such as # or sensors/+/temperature.");
        AclOperation operations = AclOperation.None;
        string given = Text(body, "operation") ?? "";
        foreach (string part in given.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            operations |= part switch
            {
                "publish" => AclOperation.Publish,
                "subscribe" => AclOperation.Subscribe,
                "admin" => AclOperation.Admin,
                "all" => AclOperation.All,
                _ => throw ProblemException.BadRequest($"operation is '{given}'; use publish, subscribe, admin or all, several separated by commas."),
            };
        }
        return operations == AclOperation.None ? throw ProblemException.BadRequest("operation is missing; use publish, subscribe, admin or all.") : new AclRule(operations, pattern);
    }

    private static void Check((UserChange Change, string? Problem) result)
    {
        string problem = result.Problem ?? "";
        switch (result.Change)
        {
            case UserChange.Ok: return;
            case UserChange.NotFound: throw new ProblemException(404, "Not found", problem);
            case UserChange.AlreadyExists: throw new ProblemException(409, "User exists", problem);
            case UserChange.LimitReached: throw new ProblemException(409, "Too many", problem);
            case UserChange.Invalid: throw ProblemException.BadRequest(problem);
            default: throw new ProblemException(503, "Not changed", problem);
        }
    }

    private static string? Text(JsonDocument body, string name) =>
        body.RootElement.TryGetProperty(name, out JsonElement given) && given.ValueKind == JsonValueKind.String ? given.GetString() : null;

    private static async Task<JsonDocument> ReadAsync(HttpContext http)
    {
        try
        {
            JsonDocument document = await JsonDocument.ParseAsync(http.Request.Body, new JsonDocumentOptions { MaxDepth = 8 }, http.RequestAborted).ConfigureAwait(false);
            return document.RootElement.ValueKind == JsonValueKind.Object ? document : throw ProblemException.BadRequest("The body is not a JSON object.");
        }
        catch (JsonException)
        {
            throw ProblemException.BadRequest("The body is not JSON.");
        }
    }
}
