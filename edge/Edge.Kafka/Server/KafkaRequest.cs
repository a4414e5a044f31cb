using Edge.Kafka.Protocol;
using Edge.Kafka.Security;

namespace Edge.Kafka.Server;

/// <summary>One request as an API sees it: its header, its bytes, and who sent it.</summary>
internal sealed class KafkaRequest
{
    public required RequestHeader Header { get; init; }

    /// <summary>The whole frame without its length prefix. Valid until the request is answered.</summary>
    public required Memory<byte> Frame { get; init; }

    /// <summary>Where the body starts in <see cref="Frame"/>.</summary>
    public required int BodyStart { get; init; }

    public required bool Flexible { get; init; }
    public required ClientInfo Client { get; init; }

    /// <summary>Who sent it, and what it may do.</summary>
    public required KafkaSession Session { get; init; }

    /// <summary>Set by an API before its first await: completes when all that must keep its order was submitted, though it is not done yet. Null: that is when it is done.</summary>
    public Task? InOrder { get; set; }

    /// <summary>Cancelled when the connection ends.</summary>
    public required CancellationToken Aborted { get; init; }

    /// <summary>Bytes of the broker's budget that the response holds until it is sent.</summary>
    public int HeldBytes { get; private set; }

    public void HoldUntilSent(int bytes) => HeldBytes += bytes;

    public short Version => Header.ApiVersion;
    public KafkaReader OpenBody() => new(Frame.Span[BodyStart..], Flexible);

    /// <summary>Part of the body, by positions of a reader made with <see cref="OpenBody"/>.</summary>
    public Memory<byte> SliceBody(int start, int length) => Frame.Slice(BodyStart + start, length);
}
