using Edge.Testing.Processes;
using Xunit;

namespace Edge.Conformance.Tests;

/// <summary>Debian's python3-kafka.</summary>
[Collection("conformance")]
public sealed class PythonTests(ConformanceRun run)
{
    private const string Script = """
        import sys, kafka
        from kafka import KafkaConsumer, KafkaProducer, TopicPartition
        from kafka.admin import KafkaAdminClient, NewTopic
        print(kafka.__version__)
        server = sys.argv[1]
        admin = KafkaAdminClient(bootstrap_servers=server)
        admin.create_topics([NewTopic(name='python', num_partitions=2, replication_factor=1)])
        producer = KafkaProducer(bootstrap_servers=server, acks='all', compression_type='gzip', linger_ms=20)
        sent = [producer.send('python', key=b'k%d' % (i % 5), value=b'%d' % i, headers=[('h', b'x')]) for i in range(200)]
        producer.flush(60)
        assert len(set((f.get(60).partition, f.get(60).offset) for f in sent)) == 200, 'offsets'
        consumer = KafkaConsumer('python', bootstrap_servers=server, group_id='python', auto_offset_reset='earliest', enable_auto_commit=False, consumer_timeout_ms=60000)
        got = []
        for message in consumer:
            got.append(int(message.value))
            if len(got) == 200: break
        consumer.commit()
        consumer.close()
        assert sorted(got) == list(range(200)), 'values'
        assert admin.list_consumer_group_offsets('python')[TopicPartition('python', 0)].offset >= 0
        admin.delete_topics(['python'])
        """;

    [ClientFact("python")]
    public Task Python_ProduceConsumeGroupsAdmin_Work() => run.RecordAsync("python3-kafka", "topics, produce gzip, consume in a group, group offsets", async () =>
    {
        CommandResult result = await Command.RunAsync(Clients.Python!, ["-c", Script, run.Bootstrap], timeout: TimeSpan.FromSeconds(90));
        Assert.True(result.ExitCode == 0, result.StandardError);
    });
}
