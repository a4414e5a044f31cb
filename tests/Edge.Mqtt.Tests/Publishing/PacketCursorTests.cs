using System.Buffers;
using Edge.Mqtt.Protocol;
using Edge.Mqtt.Publishing;
using Edge.Mqtt.Tests.Support;

namespace Edge.Mqtt.Tests.Publishing;

public sealed class PacketCursorTests
{
    private sealed class Piece : ReadOnlySequenceSegment<byte>
    {
        public Piece(ReadOnlyMemory<byte> memory) => Memory = memory;

        public Piece Then(ReadOnlyMemory<byte> memory)
        {
            Piece next = new(memory) { RunningIndex = RunningIndex + Memory.Length };
            Next = next;
            return next;
        }
    }

    private static ReadOnlySequence<byte> Split(byte[] bytes, params int[] cuts)
    {
        Piece first = new(bytes.AsMemory(0, cuts[0])), last = first;
        for (int i = 0; i < cuts.Length; i++) last = last.Then(bytes.AsMemory(cuts[i]..(i + 1 < cuts.Length ? cuts[i + 1] : bytes.Length)));
        return new ReadOnlySequence<byte>(first, 0, last, last.Memory.Length);
    }

    private static List<string> ReadAll(in ReadOnlySequence<byte> sequence, out long consumed)
    {
        List<string> found = [];
        PacketCursor cursor = new(sequence, 100_000);
        while (cursor.Read() == FrameStatus.Packet)
        {
            Assert.Equal(FrameStatus.Packet, cursor.Read()); // reading again finds the same
            found.Add($"{cursor.First:x2}{Convert.ToHexString(cursor.Body)}");
            cursor.Accept();
        }
        consumed = cursor.Consumed;
        cursor.Dispose();
        return found;
    }

    private static readonly byte[] Stream =
        [.. RawClient.Publish("a/b", "one", 1, 1), 0xc0, 0, .. RawClient.Publish("topic", new string('x', 300), 2, 77), .. RawClient.Publish("a/b", "", 0), 0xe0, 0];

    // Goal: where the network cuts a stream makes no difference. Method: two cuts at every pair of bytes.
    [Fact]
    public void Read_SplitAtAnyTwoBytes_FindsTheSamePackets()
    {
        List<string> expected = ReadAll(new ReadOnlySequence<byte>(Stream), out long all);
        Assert.Equal(5, expected.Count);
        Assert.Equal(Stream.Length, all);
        for (int first = 0; first <= Stream.Length; first += first < 40 ? 1 : 7)
            for (int second = first; second <= Stream.Length; second++)
                Assert.Equal(expected, ReadAll(Split(Stream, first, second), out _));
    }

    // Goal: a packet is never read before its last byte is there. Method: every prefix of the stream.
    [Fact]
    public void Read_EveryPrefix_TakesWholePacketsOnly()
    {
        List<string> all = ReadAll(new ReadOnlySequence<byte>(Stream), out _);
        for (int end = 0; end <= Stream.Length; end++)
        {
            List<string> found = ReadAll(new ReadOnlySequence<byte>(Stream, 0, end), out long consumed);
            Assert.Equal(all.Take(found.Count), found);
            Assert.True(consumed <= end);
        }
    }

    [Fact]
    public void Read_TooLargeLength_IsKnownFromTheHeaderAlone()
    {
        PacketCursor cursor = new(new ReadOnlySequence<byte>([0x30, 0xff, 0xff, 0x7f]), 8192);
        Assert.Equal(FrameStatus.TooLarge, cursor.Read());
        Assert.Equal(PacketType.Publish, cursor.Type);
    }

    [Fact]
    public void Read_LengthOfFiveBytes_IsMalformed() =>
        Assert.Equal(FrameStatus.Malformed, new PacketCursor(new ReadOnlySequence<byte>([0x30, 0x80, 0x80, 0x80, 0x80, 0x01]), 8192).Read());
}
