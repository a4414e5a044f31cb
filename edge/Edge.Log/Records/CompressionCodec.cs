namespace Edge.Log.Records;

/// <summary>Bits 0 to 2 of a batch's attributes.</summary>
public enum CompressionCodec : byte
{
    None = 0,
    Gzip = 1,
    Snappy = 2,
    Lz4 = 3,
    Zstd = 4,
}
