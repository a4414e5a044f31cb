using Edge.Kafka.Protocol;

namespace Edge.Kafka.Apis;

/// <summary>The leader epoch of every partition is the journal's boot epoch (KIP-320).</summary>
internal static class LeaderEpoch
{
    /// <param name="requested">What the client believes; -1 = it does not say.</param>
    public static ErrorCode Check(int requested, int current) =>
        requested < 0 || requested == current ? ErrorCode.None : requested < current ? ErrorCode.FencedLeaderEpoch : ErrorCode.UnknownLeaderEpoch;
}
