using Edge.Catalog.Users;
using Edge.Log;
using Edge.Mqtt.Security;
using Edge.Testing.Storage;
using Microsoft.Extensions.Logging.Abstractions;

namespace Edge.Mqtt.Tests.Support;

/// <summary>Users in a journal of their own, all with the password <see cref="Password"/>.</summary>
internal sealed class TestUsers : IAsyncDisposable
{
    public const string Password = "pass word";
    private readonly Journal _journal;

    private TestUsers(MqttAnonymous anonymous, TimeProvider clock)
    {
        _journal = Journal.Open(new SimulatedDisk(1), new LogOptions { SegmentBytes = 8 << 20, MinFreeBytes = 0 }, TimeProvider.System, NullLogger.Instance);
        _journal.Start();
        Store = new UserStore(_journal, TimeProvider.System);
        Access = new UserAccess(Store, anonymous, clock);
    }

    public UserStore Store { get; }
    public UserAccess Access { get; }

    public static async Task<TestUsers> StartAsync(params (string Name, string[] Publish, string[] Subscribe)[] users) => await StartAsync(MqttAnonymous.Never, TimeProvider.System, users);

    public static async Task<TestUsers> StartAsync(MqttAnonymous anonymous, TimeProvider clock, params (string Name, string[] Publish, string[] Subscribe)[] users)
    {
        var started = new TestUsers(anonymous, clock);
        foreach ((string name, string[] publish, string[] subscribe) in users) await started.AddAsync(name, publish, subscribe);
        return started;
    }

    public async Task AddAsync(string name, string[] publish, string[] subscribe, string? password = Password)
    {
        Assert.Equal((UserChange.Ok, null), await Store.AddAsync(name, password));
        foreach (string pattern in publish) await AllowAsync(name, AclOperation.Publish, pattern);
        foreach (string pattern in subscribe) await AllowAsync(name, AclOperation.Subscribe, pattern);
    }

    public async Task AllowAsync(string name, AclOperation operation, string pattern) => Assert.Equal((UserChange.Ok, null), await Store.AllowAsync(name, new AclRule(operation, pattern)));

    public async Task RevokeAsync(string name, AclOperation operation, string pattern) => Assert.Equal((UserChange.Ok, null), await Store.RevokeAsync(name, new AclRule(operation, pattern)));

    public async ValueTask DisposeAsync()
    {
        Store.Dispose();
        await _journal.DisposeAsync();
    }
}
