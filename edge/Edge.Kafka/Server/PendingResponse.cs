using Edge.Kafka.Apis;
using Edge.Kafka.Protocol;

namespace Edge.Kafka.Server;

/// <summary>A request under way, in the order in which its connection will be answered.</summary>
/// <param name="Done">Completes when <paramref name="Writer"/> holds the response.</param>
/// <param name="FrameBuffer">Pooled array of the request; goes back when the request is done.</param>
/// <param name="BudgetBytes">Taken from the broker's budget for the request.</param>
internal sealed record PendingResponse(KafkaRequest Request, Task<ApiResult> Done, KafkaWriter Writer, byte[] FrameBuffer, int BudgetBytes, int ConnectionBytes);
