using System.Text;
using Edge.CloudSync.Provenance;
using Xunit;

namespace Edge.CloudSync.Tests.Provenance;

public sealed class EdgeIdTests
{
    [Fact]
    public void Format_ExampleOfTheContract_IsByteForByte()
    {
        var writer = new EdgeIdWriter("pi-7", "9f3c2a17", "telemetry", 3);
        Assert.Equal("pi-7/9f3c2a17/telemetry/3/1234/1233", Encoding.UTF8.GetString(writer.Format(1234, 1233)));
        Assert.Equal("pi-7/9f3c2a17/telemetry/3/0/-1", Encoding.UTF8.GetString(writer.Format(0, -1)));
        Assert.Equal($"pi-7/9f3c2a17/telemetry/3/{long.MaxValue}/{long.MaxValue - 1}", Encoding.UTF8.GetString(writer.Format(long.MaxValue, long.MaxValue - 1)));
    }

    [Fact]
    public void TryParse_WhatFormatWrote_GivesThePartsBack()
    {
        var random = new Random(7);
        for (int i = 0; i < 1000; i++)
        {
            long offset = random.NextInt64(long.MaxValue), previous = random.NextInt64(-1, offset);
            var writer = new EdgeIdWriter("edge-ab.c_1", "00000000", "a.b-c_d", i);
            ReadOnlySpan<byte> text = writer.Format(offset, previous);
            Assert.True(EdgeIdView.TryParse(text, out EdgeIdView id));
            Assert.Equal("edge-ab.c_1", Encoding.UTF8.GetString(id.Device));
            Assert.Equal("00000000", Encoding.UTF8.GetString(id.Log));
            Assert.Equal("a.b-c_d", Encoding.UTF8.GetString(id.Topic));
            Assert.Equal($"edge-ab.c_1/00000000/a.b-c_d/{i}", Encoding.UTF8.GetString(id.Chain));
            Assert.Equal((i, offset, previous), (id.Partition, id.Offset, id.Previous));
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("/")]
    [InlineData("/////")]
    [InlineData("d/l/t/0/5")]
    [InlineData("d/l/t/0/5/")]
    [InlineData("d/l/t/0//4")]
    [InlineData("d/l/t/x/5/4")]
    [InlineData("d/l/t/-1/5/4")]
    [InlineData("d/l/t/4294967296/5/4")]
    [InlineData("d/l/t/0/-5/-6")]
    [InlineData("d/l/t/0/5/5")]
    [InlineData("d/l/t/0/5/6")]
    [InlineData("d/l/t/0/5/-2")]
    [InlineData("d/l/t/0/5/4/3")]
    [InlineData("d/l/t/0/5/4 ")]
    [InlineData("d//t/0/5/4")]
    [InlineData("d/l/t/0/99999999999999999999/4")]
    public void TryParse_NotAPosition_IsRefused(string text) => Assert.False(EdgeIdView.TryParse(Encoding.UTF8.GetBytes(text), out _));
}
