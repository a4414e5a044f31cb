using System.Buffers.Text;
using Edge.Log.Readers;
using Edge.Log.Records;
using Edge.Mqtt.Protocol;

namespace Edge.Mqtt.Fanout;

/// <summary>The records of one journal batch as messages, each with the MQTT topic it has or is given.</summary>
internal ref struct BatchRecords
{
    private readonly JournalEntry _entry;
    private readonly string _topicName;
    private RecordEnumerator _records;
    private byte[]? _topicBuffer;

    public BatchRecords(MqttBroker broker, in JournalEntry entry)
    {
        _entry = entry;
        _topicName = entry.Partition.Topic.Name;
        ReadOnlySpan<byte> batch = entry.Batch.Span;
        RecordBatchHeader header = RecordBatchHeader.Parse(batch);
        Index = -1;
        if (header.IsControl) return;
        ReadOnlySpan<byte> section = batch[RecordBatchHeader.HeaderBytes..header.SizeBytes];
        if (header.Codec != CompressionCodec.None)
        {
            if (!MqttBroker.TryDecompress(header, section, out byte[] records))
            {
                broker.Statistics.AddSkippedBatch();
                return;
            }
            section = records;
        }
        _records = new RecordEnumerator(header, section);
    }

    /// <summary>Index of the record in its batch, 0-based.</summary>
    public int Index { get; private set; }

    public OutgoingMessage Current { get; private set; }

    public bool MoveNext()
    {
        while (_records.MoveNext())
        {
            Index++;
            RecordView record = _records.Current;
            OutgoingMessage message = OutgoingMessage.FromRecord(record, record.Key, record.Value, record.EncodedHeaders);
            message.Sequence = _entry.IngestSequence;
            message.TimestampMs = record.TimestampMs;
            message.RecordIndex = Index;
            if (!message.IsBornInMqtt)
            {
                message.Qos = 1; // it is stored, so whoever wants an acknowledged delivery gets one
                if (message.Topic.IsEmpty) message.Topic = DerivedTopic(record);
            }
            if (message.Topic.IsEmpty) continue;
            Current = message;
            return true;
        }
        return false;
    }

    /// <summary><c>topic/key</c>, the key as UTF-8 or else base64url; <c>topic</c> without one.</summary>
    private ReadOnlySpan<byte> DerivedTopic(scoped in RecordView record)
    {
        int bound = _topicName.Length + 1 + Math.Max(record.Key.Length, Base64Url.GetEncodedLength(record.Key.Length));
        if (_topicBuffer is null || _topicBuffer.Length < bound) _topicBuffer = new byte[bound];
        int at = System.Text.Encoding.ASCII.GetBytes(_topicName, _topicBuffer);
        if (!record.HasKey || record.Key.IsEmpty) return _topicBuffer.AsSpan(0, at);
        _topicBuffer[at++] = (byte)'/';
        if (MqttText.IsValid(record.Key) && !record.Key.ContainsAny((byte)'+', (byte)'#'))
        {
            record.Key.CopyTo(_topicBuffer.AsSpan(at));
            at += record.Key.Length;
        }
        else
        {
            at += Base64Url.EncodeToUtf8(record.Key, _topicBuffer.AsSpan(at));
        }
        return at <= ushort.MaxValue ? _topicBuffer.AsSpan(0, at) : [];
    }
}
