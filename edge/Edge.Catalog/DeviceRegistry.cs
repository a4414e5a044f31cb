using System.Threading.Channels;
using Edge.Catalog.Store;
using Edge.Log;
using Microsoft.Extensions.Logging;

namespace Edge.Catalog;

/// <summary>Remembers in the journal which devices were seen.</summary>
/// <remarks>
/// A new device is written at once, a known one at most once a minute, so that a thousand devices that reconnect all day do not wear the card out.
/// What is bounded is counted: waiting sightings, devices, the length of a name.
/// </remarks>
public sealed partial class DeviceRegistry : IDeviceObserver, IAsyncDisposable
{
    public const int DefaultMaxDevices = 100_000;

    /// <summary>Longest client id remembered, UTF-16 units; users and addresses are cut to 256.</summary>
    public const int MaxClientIdLength = 1024;

    internal const int QueueLength = 4096, WritesAtOnce = 100;
    internal static readonly TimeSpan WriteInterval = TimeSpan.FromMinutes(1), SweepInterval = TimeSpan.FromSeconds(10);

    private readonly record struct Sighting(string ClientId, string? User, string Address, DateTimeOffset Time);

    private sealed class Entry(CatalogDevice device)
    {
        public CatalogDevice Device = device;
        public long? Written; // monotonic; null: not yet by this process
    }

    private readonly ICatalogTruth _truth;
    private readonly TimeProvider _timeProvider;
    private readonly ILogger _logger;
    private readonly int _maxDevices;
    private readonly Channel<Sighting> _queue;
    private readonly Dictionary<string, Entry> _devices = new(StringComparer.Ordinal); // the worker's alone
    private readonly HashSet<string> _fresh = new(StringComparer.Ordinal), _dirty = new(StringComparer.Ordinal); // its too: never written by this process; changed since
    private readonly CancellationTokenSource _stop = new();
    private Task _worker = Task.CompletedTask;
    private long _lastSweep;
    private long _dropped, _overLimit, _refused, _failedWrites, _writes, _known;

    /// <param name="maxDevices">Devices remembered; more are counted in <see cref="OverLimit"/>. Default 100 000.</param>
    public DeviceRegistry(Journal journal, TimeProvider timeProvider, ILoggerFactory loggerFactory, int maxDevices = DefaultMaxDevices)
        : this(new JournalTruth(journal), timeProvider, loggerFactory, maxDevices)
    {
    }

    internal DeviceRegistry(ICatalogTruth truth, TimeProvider timeProvider, ILoggerFactory loggerFactory, int maxDevices = DefaultMaxDevices)
    {
        (_truth, _timeProvider, _logger, _maxDevices) = (truth, timeProvider, loggerFactory.CreateLogger<DeviceRegistry>(), maxDevices);
        _queue = Channel.CreateBounded<Sighting>(
            new BoundedChannelOptions(QueueLength) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true },
            _ => Interlocked.Increment(ref _dropped));
    }

    /// <summary>Devices known.</summary>
    public long Known => Interlocked.Read(ref _known);

    /// <summary>Sightings dropped because too many were waiting.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    /// <summary>Sightings of devices that were not remembered because there are as many as allowed.</summary>
    public long OverLimit => Interlocked.Read(ref _overLimit);

    /// <summary>Sightings whose client id is empty or too long to remember.</summary>
    public long Refused => Interlocked.Read(ref _refused);

    /// <summary>Writes the journal did not take; tried again a minute later.</summary>
    public long FailedWrites => Interlocked.Read(ref _failedWrites);

    /// <summary>Writes to the journal.</summary>
    public long Writes => Interlocked.Read(ref _writes);

    /// <summary>Reads the devices known from the journal, in the background, and begins to write.</summary>
    public void Start()
    {
        if (_worker == Task.CompletedTask) _worker = Task.Run(WorkAsync);
    }

    public void Seen(string clientId, string? user, string address)
    {
        if (clientId.Length is 0 or > MaxClientIdLength)
        {
            Interlocked.Increment(ref _refused);
            return;
        }
        _queue.Writer.TryWrite(new(clientId, Cut(user), Cut(address)!, _timeProvider.GetUtcNow()));
    }

    /// <summary>Writes what is not yet written, and ends. The journal must still run.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!_queue.Writer.TryComplete()) return; // stopped already
        await _stop.CancelAsync().ConfigureAwait(false);
        await _worker.ConfigureAwait(false);
        (_truth as IDisposable)?.Dispose();
        _stop.Dispose();
    }

    private static string? Cut(string? text) => text is { Length: > 256 } ? text[..256] : text;

    private async Task WorkAsync()
    {
        foreach ((string key, ReadOnlyMemory<byte> value) in _truth.Entries())
        {
            if (key.StartsWith(CatalogKeys.Device, StringComparison.Ordinal) && CatalogJson.TryRead(key, value) is CatalogDevice device) _devices[device.ClientId] = new(device);
        }
        Interlocked.Exchange(ref _known, _devices.Count);
        _lastSweep = _timeProvider.GetTimestamp();
        while (!_stop.IsCancellationRequested)
        {
            try { await WaitAsync().ConfigureAwait(false); }
            catch (OperationCanceledException) { break; }
            Take();
            await WriteFreshAsync().ConfigureAwait(false);
            if (_timeProvider.GetElapsedTime(_lastSweep) >= SweepInterval) await SweepAsync(all: false).ConfigureAwait(false);
        }
        Take();
        await WriteFreshAsync().ConfigureAwait(false);
        await SweepAsync(all: true).ConfigureAwait(false);
    }

    /// <summary>Until something was seen, or until it is time to look for what is due.</summary>
    private async Task WaitAsync()
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        Task seen = _queue.Reader.WaitToReadAsync(limit.Token).AsTask();
        if (_dirty.Count == 0) { await seen.ConfigureAwait(false); return; }
        TimeSpan due = SweepInterval - _timeProvider.GetElapsedTime(_lastSweep);
        if (due > TimeSpan.Zero) await Task.WhenAny(seen, Task.Delay(due, _timeProvider, limit.Token)).ConfigureAwait(false);
        await limit.CancelAsync().ConfigureAwait(false);
        _stop.Token.ThrowIfCancellationRequested();
    }

    private void Take()
    {
        for (int i = 0; i < QueueLength && _queue.Reader.TryRead(out Sighting seen); i++)
        {
            if (_devices.TryGetValue(seen.ClientId, out Entry? entry))
            {
                CatalogDevice device = entry.Device;
                entry.Device = device with { LastSeen = seen.Time, User = seen.User, Address = seen.Address, Connects = device.Connects + 1 };
            }
            else if (_devices.Count >= _maxDevices)
            {
                if (Interlocked.Increment(ref _overLimit) == 1) TooManyDevices(_logger, _maxDevices, seen.ClientId);
                continue;
            }
            else
            {
                _devices[seen.ClientId] = entry = new(new(seen.ClientId, seen.Time, seen.Time, seen.User, seen.Address, 1));
                Interlocked.Increment(ref _known);
            }
            (entry.Written is null ? _fresh : _dirty).Add(seen.ClientId);
        }
    }

    private async Task WriteFreshAsync()
    {
        string[] fresh = [.. _fresh];
        _fresh.Clear();
        await WriteAsync(fresh).ConfigureAwait(false);
    }

    /// <summary>Writes what changed since its last write and was last written a minute ago.</summary>
    private async Task SweepAsync(bool all)
    {
        _lastSweep = _timeProvider.GetTimestamp();
        string[] due = [.. _dirty.Where(id => all || _timeProvider.GetElapsedTime(_devices[id].Written!.Value, _lastSweep) >= WriteInterval)];
        await WriteAsync(due).ConfigureAwait(false);
    }

    private async Task WriteAsync(string[] clientIds)
    {
        foreach (string[] some in clientIds.Chunk(WritesAtOnce))
        {
            bool[] durable = await Task.WhenAll(some.Select(WriteAsync)).ConfigureAwait(false); // together: they share a commit
            for (int i = 0; i < some.Length; i++)
            {
                _devices[some[i]].Written = _timeProvider.GetTimestamp(); // also after a failure: the next try is a minute later
                if (durable[i]) _dirty.Remove(some[i]);
                else _dirty.Add(some[i]);
                Interlocked.Increment(ref durable[i] ? ref _writes : ref _failedWrites);
            }
        }
    }

    private async Task<bool> WriteAsync(string clientId)
    {
        try { return await _truth.PutAsync(CatalogKeys.ForDevice(clientId), CatalogJson.Write(_devices[clientId].Device)).ConfigureAwait(false); }
        catch (Exception e)
        {
            if (Interlocked.Read(ref _failedWrites) == 0) WriteFailed(_logger, clientId, e.Message);
            return false;
        }
    }

    [LoggerMessage(2011, LogLevel.Warning, "{Max} devices are known, as many as allowed: '{ClientId}' and further new ones are counted, not remembered. They are served all the same")]
    private static partial void TooManyDevices(ILogger logger, int max, string clientId);

    [LoggerMessage(2012, LogLevel.Warning, "The device '{ClientId}' could not be written to the journal ({Cause}); it is tried again in a minute. Further failures are only counted")]
    private static partial void WriteFailed(ILogger logger, string clientId, string cause);
}
