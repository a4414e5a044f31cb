using System.Buffers;
using System.Text;
using Edge.Ingest;
using Edge.Ingest.Routing;
using Edge.Mqtt.Protocol;
using Edge.Mqtt.Publishing;
using Edge.Mqtt.Retained;

namespace Edge.Mqtt;

/// <content>Wills: published like any message, by the same way into the journal.</content>
public sealed partial class MqttBroker
{
    internal async Task PublishWillAsync(string clientId, string? userName, WillMessage will)
    {
        try
        {
            RouteTarget? target = await Routes.ResolveAsync(will.Topic, clientId, userName ?? "", Stopping).ConfigureAwait(false);
            if (target is null)
            {
                Statistics.AddUnrouted();
                return;
            }
            TopicEntry entry = new(Encoding.UTF8.GetBytes(will.Topic), will.Topic, target, clientId, userName);
            IngestStatus status;
            while ((status = AddWill(entry, will)) == IngestStatus.Busy) await Ingest.WaitForRoomAsync(Stopping).ConfigureAwait(false);
            if (status == IngestStatus.Ok) Statistics.AddWill();
            else
            {
                Statistics.AddRefused();
                LogWillRefused(clientId, will.Topic, status);
            }
        }
        catch (OperationCanceledException) { }
        catch (Exception e) { LogConnectionFault(clientId, e); }
    }

    private IngestStatus AddWill(TopicEntry entry, WillMessage will)
    {
        MessageProperties properties = default;
        if (will.Properties.Length > 0)
        {
            // The section was checked with the CONNECT; its length is put in front again to read it the same way.
            byte[] section = new byte[VariableInteger.SizeOf(will.Properties.Length) + will.Properties.Length];
            will.Properties.CopyTo(section, VariableInteger.Write(section, will.Properties.Length));
            BodyReader reader = new(section);
            _ = MessageProperties.TryTake(ref reader, PropertySet.Will, out properties);
        }
        long nowMs = NowMs();
        ref readonly (byte[] Encoded, int Count) fixedHeaders = ref entry.Headers(will.Qos);
        byte[] buffer = HeaderWriter.Rent(fixedHeaders.Encoded, will.Retain, properties, nowMs, out int length, out int added);
        try
        {
            ReadOnlySpan<byte> headers = buffer.AsSpan(0, length);
            using IngestPipeline.Gather gather = Ingest.EnterGather();
            IngestStatus status = gather.TryAdd(entry.Target!.Partition, nowMs, true, entry.Key, true, will.Payload, fixedHeaders.Count + added, headers);
            if (status != IngestStatus.Ok || !will.Retain) return status;
            RetainedMessage? message = will.Payload.Length == 0
                ? null
                : new RetainedMessage(entry.Text, entry.Utf8, will.Qos, nowMs, fixedHeaders.Count + added, headers.ToArray(), will.Payload);
            if (!Retained.TryStage(gather, entry.Text, entry.Utf8, message)) Statistics.AddRetainedRefused();
            return status;
        }
        finally { ArrayPool<byte>.Shared.Return(buffer); }
    }
}
