using Edge.Log.Commit;
using Edge.Log.Records;

namespace Edge.Log.State;

/// <summary>Idempotent producers of one partition: the last five batches of each, as Kafka keeps them.</summary>
/// <remarks>Owned by the writer thread. Rebuilt by replay and saved with the state snapshot. Source: Kafka's ProducerStateEntry and ProducerAppendInfo.</remarks>
internal sealed class ProducerStates
{
    public const int BatchesKept = 5, MaxProducers = 1000;
    private readonly Dictionary<long, Producer> _producers = [];
    private long _clock;

    public int Count => _producers.Count;

    /// <summary>What must happen to a batch of a producer. <paramref name="baseOffset"/> is the original one for a duplicate.</summary>
    public AppendStatus Check(in RecordBatchHeader batch, out long baseOffset)
    {
        baseOffset = -1;
        if (!_producers.TryGetValue(batch.ProducerId, out Producer? producer)) return AppendStatus.Ok; // an unknown producer may begin anywhere
        if (batch.ProducerEpoch < producer.Epoch) return AppendStatus.InvalidProducerEpoch;
        if (batch.ProducerEpoch > producer.Epoch) return batch.BaseSequence == 0 ? AppendStatus.Ok : AppendStatus.OutOfOrderSequence;
        foreach (Sequence sequence in producer.Last)
        {
            if (sequence.First != batch.BaseSequence || sequence.Last != batch.LastSequence) continue;
            baseOffset = sequence.BaseOffset;
            return AppendStatus.Duplicate;
        }
        if (producer.Last.Count == 0) return AppendStatus.Ok; // only its markers are known
        int expected = (int)(((long)producer.Last[^1].Last + 1) & int.MaxValue);
        return batch.BaseSequence == expected ? AppendStatus.Ok : AppendStatus.OutOfOrderSequence;
    }

    public void Record(in RecordBatchHeader batch, long baseOffset)
    {
        if (!_producers.TryGetValue(batch.ProducerId, out Producer? producer))
        {
            if (_producers.Count >= MaxProducers) _producers.Remove(_producers.MinBy(p => p.Value.Used).Key);
            _producers.Add(batch.ProducerId, producer = new Producer());
        }
        if (producer.Epoch != batch.ProducerEpoch) producer.Last.Clear();
        producer.Epoch = batch.ProducerEpoch;
        producer.Used = ++_clock;
        if (batch.IsControl) // a marker has no sequence; with a higher epoch it fences the producer
        {
            producer.MarkerOffset = baseOffset;
            return;
        }
        if (producer.Last.Count == BatchesKept) producer.Last.RemoveAt(0);
        producer.Last.Add(new Sequence(batch.BaseSequence, batch.LastSequence, baseOffset));
    }

    /// <summary>Writes what is durable: sequences below <paramref name="highWatermark"/>. A producer with none is left out, so that it may begin anywhere.</summary>
    /// <remarks>A snapshot that knew a batch which a power cut then takes would make the producer's retry look like a duplicate.</remarks>
    public void Save(BinaryWriter writer, long highWatermark)
    {
        var durable = _producers.Where(p => p.Value.Last.Exists(s => s.BaseOffset < highWatermark) || (p.Value.Last.Count == 0 && p.Value.MarkerOffset < highWatermark)).ToList();
        writer.Write(durable.Count);
        foreach ((long id, Producer producer) in durable)
        {
            List<Sequence> last = producer.Last.FindAll(s => s.BaseOffset < highWatermark);
            writer.Write(id);
            writer.Write(producer.Epoch);
            writer.Write(producer.Used);
            writer.Write((byte)last.Count);
            foreach (Sequence sequence in last)
            {
                writer.Write(sequence.First);
                writer.Write(sequence.Last);
                writer.Write(sequence.BaseOffset);
            }
        }
    }

    public static ProducerStates Load(BinaryReader reader)
    {
        var states = new ProducerStates();
        int count = reader.ReadInt32();
        for (int i = 0; i < count; i++)
        {
            long id = reader.ReadInt64();
            var producer = new Producer { Epoch = reader.ReadInt16(), Used = reader.ReadInt64() };
            int batches = reader.ReadByte();
            for (int b = 0; b < batches; b++) producer.Last.Add(new Sequence(reader.ReadInt32(), reader.ReadInt32(), reader.ReadInt64()));
            if (batches == 0) producer.MarkerOffset = -1;
            states._producers.Add(id, producer);
            states._clock = Math.Max(states._clock, producer.Used);
        }
        return states;
    }

    private sealed class Producer
    {
        public short Epoch;
        public long Used;

        /// <summary>Offset of its last transaction marker; <see cref="long.MaxValue"/> before the first.</summary>
        public long MarkerOffset = long.MaxValue;
        public readonly List<Sequence> Last = new(BatchesKept);
    }

    private readonly record struct Sequence(int First, int Last, long BaseOffset);
}
