using Xunit;

namespace Edge.Kafka.Tests.Interop;

public sealed class PythonKafkaTests
{
    private const string Script = """
        import sys
        from kafka import KafkaConsumer, KafkaProducer, TopicPartition
        from kafka.admin import KafkaAdminClient, NewTopic
        server = sys.argv[1]
        admin = KafkaAdminClient(bootstrap_servers=server)
        admin.create_topics([NewTopic(name='py', num_partitions=2, replication_factor=1)])
        producer = KafkaProducer(bootstrap_servers=server, acks='all', compression_type='gzip', linger_ms=20)
        sent = [producer.send('py', key=b'k%d' % (i % 5), value=b'%d' % i, headers=[('h', b'x')]) for i in range(500)]
        producer.flush(60)
        offsets = sorted((f.get(60).partition, f.get(60).offset) for f in sent)
        assert len(set(offsets)) == 500, 'offsets'
        for run in range(2):
            consumer = KafkaConsumer('py', bootstrap_servers=server, group_id='pyg', auto_offset_reset='earliest', enable_auto_commit=False, consumer_timeout_ms=60000)
            got = []
            if run == 0:
                for message in consumer:
                    got.append(int(message.value))
                    if len(got) == 500: break
                consumer.commit()
                assert sorted(got) == list(range(500)), 'values'
            else:
                while not consumer.assignment(): consumer.poll(200)
                assert sum(consumer.position(p) for p in consumer.assignment()) == 500, 'positions'
            consumer.close()
        ends = consumer_ends = KafkaConsumer(bootstrap_servers=server).end_offsets([TopicPartition('py', 0), TopicPartition('py', 1)])
        assert sum(ends.values()) == 500, 'ends'
        print('fine')
        """;

    [PythonKafkaFact]
    public async Task ProduceConsumeAndGroups_Work()
    {
        await using KafkaHarness harness = await KafkaHarness.StartAsync();
        (int exitCode, string output, string errors) = await Tools.RunAsync(Tools.PythonWithKafka!, ["-c", Script, harness.Bootstrap], "");
        Assert.True(exitCode == 0, errors);
        Assert.Equal("fine", output.Trim());
    }
}
