using Edge.Kafka.Protocol;
using Edge.Kafka.Server;

namespace Edge.Kafka.Apis;

internal enum ApiResult : byte
{
    /// <summary>The response body was written.</summary>
    Respond,

    /// <summary>The protocol wants no response (acks=0).</summary>
    NoResponse,

    /// <summary>The response body was written; behind it the connection ends.</summary>
    RespondAndClose,

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

    /// <summary>Reads the request's body, does it and writes the response's body. The connection's next request begins when it is done, or when what it put into
    /// <see cref="KafkaRequest.InOrder"/> is.</summary>
    /// <exception cref="KafkaProtocolException">The body is malformed.</exception>
    ValueTask<ApiResult> HandleAsync(KafkaRequest request, KafkaWriter response);
}
