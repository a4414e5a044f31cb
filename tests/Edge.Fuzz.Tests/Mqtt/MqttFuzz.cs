using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using System.IO.Pipelines;
using Edge.Catalog;
using Edge.Ingest;
using Edge.Ingest.Routing;
using Edge.Log;
using Edge.Log.Storage;
using Edge.Mqtt;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Edge.Fuzz.Tests.Mqtt;

/// <summary>Throws mutated packets at a broker over a real journal, beside a client that behaves and must be served all the time.</summary>
internal sealed class MqttFuzz(int seed, long packets, Action<string> progress)
{
    private const int Workers = 4, MaxPacketsAConnection = 40;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private long _sent, _connections;

    /// <summary>What went wrong; empty: nothing.</summary>
    public async Task<IReadOnlyList<string>> RunAsync()
    {
        List<string> problems = [];
        string directory = Directory.CreateTempSubdirectory("edge-fuzz-").FullName;
        FaultLogger logger = new(problems);
        try
        {
            Journal journal = Journal.Open(new PosixDisk(directory), new LogOptions { SegmentBytes = 8 << 20, MinFreeBytes = 0, MaxBytes = 256 << 20 }, TimeProvider.System, NullLogger.Instance);
            journal.Start();
            IngestPipeline ingest = new(journal, new IngestOptions());
            MqttBroker broker = new(new MqttOptions(), ingest, new RouteTable(ingest, []), new NoObserver(), TimeProvider.System, logger);
            await broker.StartAsync(CancellationToken.None).ConfigureAwait(false);
            MqttConnectionHandler handler = new(broker);
            long before = GC.GetTotalMemory(forceFullCollection: true);
            using CancellationTokenSource done = new();
            Task<int> canary = CanaryAsync(handler, problems, done.Token);
            long began = Stopwatch.GetTimestamp();
            Task reporting = ReportAsync(began, done.Token);
            await Task.WhenAll(Enumerable.Range(0, Workers).Select(worker => Task.Run(() => WorkAsync(handler, worker, problems)))).ConfigureAwait(false);
            await done.CancelAsync().ConfigureAwait(false);
            int served = await canary.ConfigureAwait(false);
            await reporting.ConfigureAwait(false);
            long grown = GC.GetTotalMemory(forceFullCollection: true) - before;
            progress(string.Create(CultureInfo.InvariantCulture,
                $"seed {seed}: {_sent} packets over {_connections} connections in {Stopwatch.GetElapsedTime(began).TotalSeconds:0} s; {broker.Statistics.Malformed} malformed, {broker.Statistics.ProtocolErrors} protocol errors, {broker.Statistics.MessagesReceived} messages stored; the canary was served {served} times; memory grew by {grown >> 20} MiB"));
            if (broker.Statistics.Connections != 0) problems.Add($"{broker.Statistics.Connections} connections are left");
            if (grown > 64 << 20) problems.Add($"memory grew by {grown >> 20} MiB");
            await broker.StopAsync(CancellationToken.None).ConfigureAwait(false);
            broker.Dispose();
            await ingest.DisposeAsync().ConfigureAwait(false);
            await journal.DisposeAsync().ConfigureAwait(false);
        }
        finally { Directory.Delete(directory, recursive: true); }
        lock (problems) return [.. problems.Take(20)];
    }

    private async Task WorkAsync(MqttConnectionHandler handler, int worker, List<string> problems)
    {
        Random random = new(seed + worker);
        PacketMutator mutator = new(random);
        while (Interlocked.Read(ref _sent) < packets)
        {
            List<string> history = [];
            try
            {
                MemoryConnection connection = new(handler);
                Interlocked.Increment(ref _connections);
                Task<long> draining = connection.DrainAsync();
                bool open = random.Next(10) == 0 || await connection.SendAsync(mutator.GoodConnect(random.Next(50))).ConfigureAwait(false);
                int count = random.Next(1, MaxPacketsAConnection);
                for (int i = 0; i < count && open; i++)
                {
                    byte[] packet = mutator.Next();
                    history.Add(Convert.ToHexString(packet));
                    open = await connection.SendAsync(packet).ConfigureAwait(false);
                    if (open) Interlocked.Increment(ref _sent);
                }
                await connection.DisposeAsync().ConfigureAwait(false);
                await draining.WaitAsync(Patience).ConfigureAwait(false);
            }
            catch (Exception e)
            {
                lock (problems) problems.Add($"worker {worker}: {e.GetType().Name}: {e.Message}; packets {string.Join(' ', history)}");
                return;
            }
        }
    }

    /// <summary>Publishes at QoS 1 and wants each acknowledged in time.</summary>
    private static async Task<int> CanaryAsync(MqttConnectionHandler handler, List<string> problems, CancellationToken done)
    {
        int served = 0;
        MemoryConnection connection = new(handler);
        await connection.SendAsync(new byte[] { 0x10, 18, 0, 4, (byte)'M', (byte)'Q', (byte)'T', (byte)'T', 4, 2, 0, 0, 0, 6, (byte)'c', (byte)'a', (byte)'n', (byte)'a', (byte)'r', (byte)'y' }).ConfigureAwait(false);
        byte[] expected = [0x20, 2, 0, 0];
        try
        {
            while (true)
            {
                ReadResult result = await connection.Input.ReadAtLeastAsync(4, CancellationToken.None).AsTask().WaitAsync(Patience, CancellationToken.None).ConfigureAwait(false);
                byte[] answer = result.Buffer.Slice(0, Math.Min(4, result.Buffer.Length)).ToArray();
                connection.Input.AdvanceTo(result.Buffer.GetPosition(answer.Length));
                if (!answer.SequenceEqual(expected))
                {
                    lock (problems) problems.Add($"the canary got {Convert.ToHexString(answer)} for {Convert.ToHexString(expected)}");
                    return served;
                }
                if (done.IsCancellationRequested) break;
                served++;
                expected = [0x40, 2, (byte)(served >> 8), (byte)(served | 1)];
                await connection.SendAsync(new byte[] { 0x32, 6, 0, 1, (byte)'k', expected[2], expected[3], 1 }).ConfigureAwait(false);
                await Task.Delay(5, CancellationToken.None).ConfigureAwait(false);
            }
            await connection.DisposeAsync().ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            lock (problems) problems.Add($"the canary was not answered within {Patience}");
        }
        return served;
    }

    private async Task ReportAsync(long began, CancellationToken done)
    {
        try
        {
            while (true)
            {
                await Task.Delay(TimeSpan.FromSeconds(10), done).ConfigureAwait(false);
                progress(string.Create(CultureInfo.InvariantCulture, $"{Interlocked.Read(ref _sent)} of {packets} after {Stopwatch.GetElapsedTime(began).TotalSeconds:0} s"));
            }
        }
        catch (OperationCanceledException) { }
    }

    /// <summary>An error line of the broker is a finding: no client may cause one.</summary>
    private sealed class FaultLogger(List<string> problems) : ILoggerFactory, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;
        public void AddProvider(ILoggerProvider provider) { }
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;
        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Error;
        public void Dispose() { }

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (logLevel < LogLevel.Error) return;
            lock (problems) problems.Add($"{formatter(state, exception)} {exception}");
        }
    }

    private sealed class NoObserver : IDeviceObserver
    {
        public void Seen(string clientId, string? user, string address) { }
    }
}
