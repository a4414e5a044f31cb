namespace Edge.Hardware;

/// <summary>Form of the records a sensor makes.</summary>
public enum SensorPayload : byte
{
    /// <summary>RFC 8428 JSON.</summary>
    SenMl,

    /// <summary>RFC 8428 CBOR.</summary>
    Cbor,

    /// <summary>A plain JSON object.</summary>
    Json,
}
