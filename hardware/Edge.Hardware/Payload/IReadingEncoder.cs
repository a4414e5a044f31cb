using System.Text;
using Edge.Log.Records;

namespace Edge.Hardware.Payload;

/// <summary>Turns a reading into the value of a record.</summary>
internal interface IReadingEncoder
{
    RecordHeader ContentType { get; }

    byte[] Encode(string device, string sensor, in SensorReading reading);
}

/// <summary>The encoders by option.</summary>
internal static class ReadingEncoders
{
    public static IReadingEncoder Of(SensorPayload payload) => payload switch
    {
        SensorPayload.Cbor => new SenMlCborEncoder(),
        SensorPayload.Json => new PlainJsonEncoder(),
        _ => new SenMlJsonEncoder(),
    };

    internal static RecordHeader Header(string contentType) => new("content-type", Encoding.UTF8.GetBytes(contentType));

    private sealed class SenMlJsonEncoder : IReadingEncoder
    {
        public RecordHeader ContentType { get; } = Header(SenMl.ContentType);

        public byte[] Encode(string device, string sensor, in SensorReading reading) => SenMl.Write(SenMl.BaseName(device, sensor), reading);
    }

    private sealed class SenMlCborEncoder : IReadingEncoder
    {
        public RecordHeader ContentType { get; } = Header(SenMlCbor.ContentType);

        public byte[] Encode(string device, string sensor, in SensorReading reading) => SenMlCbor.Write(SenMl.BaseName(device, sensor), reading);
    }

    private sealed class PlainJsonEncoder : IReadingEncoder
    {
        public RecordHeader ContentType { get; } = Header(PlainJson.ContentType);

        public byte[] Encode(string device, string sensor, in SensorReading reading) => PlainJson.Write(device, sensor, reading);
    }
}
