import { Admin, Consumer, Producer, stringDeserializers, stringSerializers } from '@platformatic/kafka'
import { assert, run } from './steps.mjs'

const [, , broker, topic] = process.argv
const common = { clientId: 'conformance', bootstrapBrokers: [broker], retries: 2, timeout: 10_000 }
const admin = new Admin(common)

await run({
  'create topic': async () => { await admin.createTopics({ topics: [topic], partitions: 2, replicas: 1 }) },
  'produce (idempotent, headers)': async () => {
    const producer = new Producer({ ...common, serializers: stringSerializers, idempotent: true })
    await producer.send({ acks: -1, messages: Array.from({ length: 100 }, (_, i) => ({ topic, key: `k${i % 5}`, value: `v${String(i).padStart(3, '0')}`, headers: { h: 'x' } })) })
    await producer.close()
  },
  'produce gzip': async () => {
    const producer = new Producer({ ...common, serializers: stringSerializers })
    await producer.send({ acks: -1, compression: 'gzip', messages: [{ topic, key: 'k', value: 'v100' }] })
    await producer.close()
  },
  'consume in a group': async () => {
    const consumer = new Consumer({ ...common, groupId: 'platformatic-g', deserializers: stringDeserializers, autocommit: false })
    const stream = await consumer.consume({ topics: [topic], mode: 'earliest', sessionTimeout: 10_000, heartbeatInterval: 500 })
    const values = []
    for await (const message of stream) {
      values.push(message.value)
      if (values.length === 101) { await message.commit(); break }
    }
    await stream.close()
    await consumer.close(true)
    assert.deepEqual(values.sort(), Array.from({ length: 101 }, (_, i) => `v${String(i).padStart(3, '0')}`))
  },
  'metadata': async () => {
    const metadata = await admin.metadata({ topics: [topic] })
    assert.equal(metadata.topics.get(topic).partitionsCount, 2)
  },
  'groups': async () => {
    assert.ok((await admin.listGroups()).has('platformatic-g'))
    await admin.deleteGroups({ groups: ['platformatic-g'] })
  },
  'delete topic': async () => {
    await admin.deleteTopics({ topics: [topic] })
    await admin.close()
  }
})
