namespace Edge.Mqtt;

/// <summary>Names of the headers of records born in MQTT.</summary>
internal static class RecordHeaderNames
{
    public static ReadOnlySpan<byte> Topic => "mqtt.topic"u8;
    public static ReadOnlySpan<byte> Qos => "mqtt.qos"u8;
    public static ReadOnlySpan<byte> Client => "mqtt.client"u8;
    public static ReadOnlySpan<byte> User => "mqtt.user"u8;
    public static ReadOnlySpan<byte> Retained => "mqtt.retained"u8;
    public static ReadOnlySpan<byte> Expiry => "mqtt.expiry"u8;
    public static ReadOnlySpan<byte> ContentType => "content-type"u8;
    public static ReadOnlySpan<byte> Format => "mqtt.format"u8;
    public static ReadOnlySpan<byte> ResponseTopic => "mqtt.response-topic"u8;
    public static ReadOnlySpan<byte> Correlation => "mqtt.correlation"u8;
    public static ReadOnlySpan<byte> PropertyPrefix => "mqtt.prop."u8;
}
