using System.Runtime.InteropServices;
using System.Text;
using Confluent.Kafka;

namespace Edge.CloudSync.Tests.Centre;

/// <summary>librdkafka's mock cluster, in this process: brokers on loopback ports that fail when told to. Knows no isolation, no CreateTopics.</summary>
public sealed unsafe class MockCluster : IDisposable
{
    public const short ProduceKey = 0;
    private readonly IProducer<Null, Null> _owner; // makes the library load, and tells which of its files was taken
    private readonly nint _library, _client, _cluster;

    public MockCluster(int brokers = 1)
    {
        _owner = new ProducerBuilder<Null, Null>(new ProducerConfig { BootstrapServers = "127.0.0.1:1" }).SetLogHandler((_, _) => { }).Build();
        string path = File.ReadLines("/proc/self/maps").First(line => line.Contains("librdkafka", StringComparison.Ordinal) && line.Contains(".so", StringComparison.Ordinal)).Split(' ')[^1];
        _library = NativeLibrary.Load(path);
        nint configuration = ((delegate* unmanaged<nint>)Export("rd_kafka_conf_new"))();
        byte* error = stackalloc byte[512];
        _client = ((delegate* unmanaged<int, nint, byte*, nuint, nint>)Export("rd_kafka_new"))(0, configuration, error, 512);
        if (_client == 0) throw new InvalidOperationException(Marshal.PtrToStringUTF8((nint)error));
        _cluster = ((delegate* unmanaged<nint, int, nint>)Export("rd_kafka_mock_cluster_new"))(_client, brokers);
        BootstrapServers = Marshal.PtrToStringUTF8(((delegate* unmanaged<nint, nint>)Export("rd_kafka_mock_cluster_bootstraps"))(_cluster))!;
    }

    public string BootstrapServers { get; }

    public void CreateTopic(string topic, int partitions)
    {
        fixed (byte* name = Encoding.UTF8.GetBytes(topic + "\0"))
            Check(((delegate* unmanaged<nint, byte*, int, int, int>)Export("rd_kafka_mock_topic_create"))(_cluster, name, partitions, 1));
    }

    /// <summary>The next requests of that kind are answered with these errors, in this order; 0 is success.</summary>
    public void Fail(short apiKey, params ErrorCode[] errors)
    {
        int[] codes = [.. errors.Select(error => (int)error)];
        fixed (int* first = codes)
            ((delegate* unmanaged<nint, short, nuint, int*, void>)Export("rd_kafka_mock_push_request_errors_array"))(_cluster, apiKey, (nuint)codes.Length, first);
    }

    public void SetDown(int broker = 1) => Check(((delegate* unmanaged<nint, int, int>)Export("rd_kafka_mock_broker_set_down"))(_cluster, broker));

    public void SetUp(int broker = 1) => Check(((delegate* unmanaged<nint, int, int>)Export("rd_kafka_mock_broker_set_up"))(_cluster, broker));

    public void Dispose()
    {
        ((delegate* unmanaged<nint, void>)Export("rd_kafka_mock_cluster_destroy"))(_cluster);
        ((delegate* unmanaged<nint, void>)Export("rd_kafka_destroy"))(_client);
        _owner.Dispose();
    }

    private nint Export(string name) => NativeLibrary.GetExport(_library, name);

    private static void Check(int error)
    {
        if (error != 0) throw new InvalidOperationException($"The mock cluster answered {(ErrorCode)error}.");
    }
}
