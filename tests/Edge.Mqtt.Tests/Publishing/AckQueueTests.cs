using Edge.Mqtt.Protocol;
using Edge.Mqtt.Publishing;

namespace Edge.Mqtt.Tests.Publishing;

public sealed class AckQueueTests
{
    [Fact]
    public void Take_GroupNotDone_StopsThere()
    {
        AckQueue queue = new();
        for (ushort id = 1; id <= 100; id++) queue.Append(new PendingAck(id / 10, id, PacketType.PubAck, ReasonCode.Success));
        queue.Publish();
        PendingAck[] taken = new PendingAck[64];
        Assert.Equal(39, queue.Take(3, taken));
        Assert.Equal(39, taken[38].PacketId);
        Assert.Equal(0, queue.Take(3, taken));
        Assert.Equal(61, queue.Count);
    }

    [Fact]
    public void Take_Unpublished_IsNotSeen()
    {
        AckQueue queue = new();
        queue.Append(new PendingAck(0, 1, PacketType.PubAck, ReasonCode.Success));
        Assert.Equal(0, queue.Take(9, new PendingAck[4]));
    }

    // Goal: order and number survive growth while somebody takes. Method: two threads, checked by the consumer.
    [Fact]
    public async Task Take_WhileAppending_KeepsOrder()
    {
        const int count = 200_000;
        AckQueue queue = new();
        Task producer = Task.Run(() =>
        {
            for (int i = 0; i < count; i++)
            {
                queue.Append(new PendingAck(i, (ushort)i, PacketType.PubAck, ReasonCode.Success));
                if (i % 7 == 0 || i == count - 1) queue.Publish();
            }
        });
        PendingAck[] taken = new PendingAck[100];
        for (long next = 0; next < count;)
        {
            int got = queue.Take(long.MaxValue, taken);
            for (int i = 0; i < got; i++) Assert.Equal(next++, taken[i].Group);
        }
        await producer;
        Assert.Equal(0, queue.Count);
    }
}
