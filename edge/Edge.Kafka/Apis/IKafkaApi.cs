using Edge.Kafka.Protocol;
using Edge.Kafka.Server;

namespace Edge.Kafka.Apis;

internal enum ApiResult : byte
{
    /// <summary>The response body was written.</summary>
    Respond,

    /// <summary>The protocol wants no response (acks=0).</summary>
    NoResponse,

    /// <summary>The only way to tell the client is to close the connection.</summary>
    Close,
}

/// <summary>One API of the protocol: which versions, and how a request is answered.</summary>
internal interface IKafkaApi
{
    ApiKey Key { get; }
    short MinVersion { get; }
    short MaxVersion { get; }

    /// <summary>First version with compact forms and tagged fields; <see cref="short.MaxValue"/> when there is none.</summary>
    short FirstFlexible { get; }

    /// <summary>The next request of the connection may be started before this one is done. What must keep its order is submitted before the first await.</summary>
    bool IsPipelined => false;

    /// <summary>Reads the request's body, does it and writes the response's body.</summary>
    /// <exception cref="KafkaProtocolException">The body is malformed.</exception>
    ValueTask<ApiResult> HandleAsync(KafkaRequest request, KafkaWriter response);
}
