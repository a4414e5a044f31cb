namespace Edge.Log.Records;

/// <summary>One record inside a batch; the spans point into the batch's bytes.</summary>
public readonly ref struct RecordView
{
    public long Offset { get; init; }
    public long TimestampMs { get; init; }
    public bool HasKey { get; init; }
    public bool HasValue { get; init; }

    /// <summary>Empty when there is no key; <see cref="HasKey"/> tells an empty key from none.</summary>
    public ReadOnlySpan<byte> Key { get; init; }

    /// <summary>Empty when there is no value (a tombstone); <see cref="HasValue"/> tells.</summary>
    public ReadOnlySpan<byte> Value { get; init; }

    public int HeaderCount { get; init; }

    /// <summary>The encoded headers, to be walked with <see cref="RecordHeaderEnumerator"/> or copied as they are.</summary>
    public ReadOnlySpan<byte> EncodedHeaders { get; init; }

    public RecordHeaderEnumerator Headers => new(EncodedHeaders, HeaderCount);

    /// <summary>Finds the first header of that name.</summary>
    public bool TryGetHeader(ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value)
    {
        RecordHeaderEnumerator headers = Headers;
        while (headers.MoveNext())
        {
            if (!headers.Current.Name.SequenceEqual(name)) continue;
            value = headers.Current.Value;
            return true;
        }
        value = default;
        return false;
    }
}
