using System.Buffers;
using System.Text;
using Edge.Ingest;
using Edge.Ingest.Routing;
using Edge.Mqtt.Protocol;
using Edge.Mqtt.Publishing;
using Edge.Mqtt.Retained;
using Edge.Mqtt.Sessions;

namespace Edge.Mqtt;

/// <content>Wills: published like any message, by the same way into the journal.</content>
public sealed partial class MqttBroker
{
    /// <summary>Stores a will's record; what was kept of the will goes in the same commit group, so that a crash neither loses nor repeats it.</summary>
    internal async Task PublishWillAsync(StoredWill stored)
    {
        (string clientId, string? userName, WillMessage will) = (stored.ClientId, stored.UserName, stored.Will);
        try
        {
            RouteTarget? target = await Routes.ResolveAsync(will.Topic, clientId, userName ?? "", Stopping).ConfigureAwait(false);
            if (target is null)
            {
                Statistics.AddUnrouted();
                Store.Remove(stored.Key);
                return;
            }
            if (target.DependsOnPayload) target = await Routes.ResolveWithPayload(target, new ReadOnlySequence<byte>(will.Payload), Stopping).ConfigureAwait(false);
            if (target is null)
            {
                Statistics.AddUnrouted();
                Store.Remove(stored.Key);
                return;
            }
            TopicEntry entry = new(Encoding.UTF8.GetBytes(will.Topic), will.Topic, target, clientId, userName);
            IngestStatus status;
            while ((status = AddWill(entry, target, stored)) == IngestStatus.Busy) await Ingest.WaitForRoomAsync(Stopping).ConfigureAwait(false);
            if (status == IngestStatus.Ok) Statistics.AddWill();
            else
            {
                Statistics.AddRefused();
                Store.Remove(stored.Key);
                LogWillRefused(clientId, will.Topic, status);
            }
        }
        catch (OperationCanceledException) { }
        catch (Exception e) { LogConnectionFault(clientId, e); }
    }

    private IngestStatus AddWill(TopicEntry entry, RouteTarget target, StoredWill stored)
    {
        WillMessage will = stored.Will;
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
            using Gather gather = Ingest.EnterGather();
            IngestStatus status = target.Format is { } format
                ? FormattedPublish.Add(Routes, gather, target, format, entry.Text, will.Payload, nowMs, fixedHeaders.Count + added, headers)
                : gather.TryAdd(target.Partition, nowMs, target.HasKey, target.Key, true, will.Payload, fixedHeaders.Count + added, headers);
            if (status == IngestStatus.Ok) gather.Put(Store.Table, Encoding.UTF8.GetBytes(stored.Key), (ReadOnlyMemory<byte>?)null);
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
