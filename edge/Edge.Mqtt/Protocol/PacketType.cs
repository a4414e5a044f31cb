namespace Edge.Mqtt.Protocol;

/// <summary>High four bits of the first byte of a packet.</summary>
internal enum PacketType : byte
{
    Connect = 1, ConnAck, Publish, PubAck, PubRec, PubRel, PubComp, Subscribe, SubAck, Unsubscribe, UnsubAck, PingReq, PingResp, Disconnect, Auth,
}
