import kafkajs from 'kafkajs'
import { assert, run } from './steps.mjs'

const { Kafka, logLevel, CompressionTypes } = kafkajs
const kafka = new Kafka({ clientId: 'conformance', brokers: [process.argv[2]], logLevel: logLevel.NOTHING })
const topic = process.argv[3]
const admin = kafka.admin()

const collect = async (group, count, isolated) => {
  const consumer = kafka.consumer({ groupId: group, readUncommitted: !isolated })
  const values = []
  await consumer.connect()
  await consumer.subscribe({ topics: [topic], fromBeginning: true })
  await new Promise((resolve, reject) => {
    consumer.on(consumer.events.CRASH, e => reject(e.payload.error))
    consumer.run({ eachMessage: async ({ message }) => { values.push(message.value.toString()); if (values.length >= count) resolve() } }).catch(reject)
  })
  await consumer.disconnect()
  return values.sort()
}

await run({
  'create topic': async () => {
    await admin.connect()
    assert.equal(await admin.createTopics({ topics: [{ topic, numPartitions: 2, replicationFactor: 1, configEntries: [{ name: 'retention.ms', value: '60000' }] }] }), true)
  },
  'produce (idempotent, headers)': async () => {
    const producer = kafka.producer({ idempotent: true, maxInFlightRequests: 1 })
    await producer.connect()
    await producer.send({ topic, messages: Array.from({ length: 100 }, (_, i) => ({ key: `k${i % 5}`, value: `v${String(i).padStart(3, '0')}`, headers: { h: 'x' } })) })
    await producer.disconnect()
  },
  'produce gzip': async () => {
    const producer = kafka.producer()
    await producer.connect()
    await producer.send({ topic, compression: CompressionTypes.GZIP, messages: [{ key: 'k', value: 'v100' }] })
    await producer.disconnect()
  },
  'consume in a group': async () => assert.deepEqual(await collect('kafkajs-g', 101, true), Array.from({ length: 101 }, (_, i) => `v${String(i).padStart(3, '0')}`)),
  'transaction commit and abort': async () => {
    const producer = kafka.producer({ transactionalId: 'kafkajs-tx', maxInFlightRequests: 1, idempotent: true })
    await producer.connect()
    const aborted = await producer.transaction()
    await aborted.send({ topic, messages: [{ value: 'v999' }] })
    await aborted.abort()
    const committed = await producer.transaction()
    await committed.send({ topic, messages: [{ value: 'v101' }] })
    await committed.sendOffsets({ consumerGroupId: 'kafkajs-offsets', topics: [{ topic, partitions: [{ partition: 0, offset: '5' }] }] })
    await committed.commit()
    await producer.disconnect()
    const values = await collect('kafkajs-rc', 102, true)
    assert.ok(values.includes('v101') && !values.includes('v999'))
    const offsets = await admin.fetchOffsets({ groupId: 'kafkajs-offsets', topics: [topic] })
    assert.equal(offsets[0].partitions.find(p => p.partition === 0).offset, '5')
  },
  'offsets by time': async () => {
    const ends = await admin.fetchTopicOffsets(topic)
    assert.ok(ends.reduce((sum, p) => sum + Number(p.high), 0) >= 103)
    assert.equal((await admin.fetchTopicOffsetsByTimestamp(topic, 0)).length, 2)
  },
  'configs': async () => {
    const described = await admin.describeConfigs({ resources: [{ type: 2, name: topic }], includeSynonyms: false })
    assert.equal(described.resources[0].configEntries.find(c => c.configName === 'retention.ms').configValue, '60000')
    await admin.alterConfigs({ validateOnly: false, resources: [{ type: 2, name: topic, configEntries: [{ name: 'retention.ms', value: '70000' }] }] })
  },
  'groups': async () => {
    assert.ok((await admin.listGroups()).groups.some(g => g.groupId === 'kafkajs-g'))
    assert.equal((await admin.describeGroups(['kafkajs-g'])).groups[0].groupId, 'kafkajs-g')
    await admin.deleteGroups(['kafkajs-g'])
  },
  'add partitions': async () => await admin.createPartitions({ topicPartitions: [{ topic, count: 3 }] }),
  'delete topic': async () => {
    await admin.deleteTopics({ topics: [topic] })
    assert.ok(!(await admin.listTopics()).includes(topic))
    await admin.disconnect()
  }
})
