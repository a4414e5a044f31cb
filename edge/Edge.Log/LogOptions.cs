using Edge.Log.Records;

namespace Edge.Log;

/// <summary>Settings of the journal.</summary>
public sealed record LogOptions
{
    /// <summary>Identity of the device; empty = keep the stored one, or make <c>edge-</c> + 8 base32 characters at the first start.</summary>
    public string DeviceId { get; set; } = "";

    /// <summary>Size at which the active segment rolls. Bytes, 1 MiB to 1 GiB, a multiple of 4096. Default 64 MiB.</summary>
    /// <remarks>Retention deletes whole segments: 64 MiB frees a 16 GB card in steps of 0.4 %.</remarks>
    public int SegmentBytes { get; set; } = 64 << 20;

    /// <summary>Largest batch accepted, header included. Bytes. Default 1 048 588, Kafka's message.max.bytes.</summary>
    public int MaxBatchBytes { get; set; } = 1_048_588;

    /// <summary>Most bytes one group commit writes. Bytes. Default 4 MiB.</summary>
    public int MaxGroupBytes { get; set; } = 4 << 20;

    /// <summary>How long a commit waits for more to come. Default 0: the next group gathers while one fdatasync runs.</summary>
    public TimeSpan Linger { get; set; } = TimeSpan.Zero;

    /// <summary>0, 512 or 4096: each commit starts on a multiple of it, for media that may damage neighbouring bytes of a torn page. Default 0.</summary>
    public int PadBytes { get; set; }

    /// <summary>Most bytes of segments on disk. 0 = 80 % of the file system (default).</summary>
    public long MaxBytes { get; set; }

    /// <summary>Free space the journal leaves to the file system. Bytes. Default 256 MiB.</summary>
    public long MinFreeBytes { get; set; } = 256L << 20;

    /// <summary>Segments down to 16 KiB: a simulation rolls and cleans them thousands of times a second.</summary>
    internal bool AllowTinySegments { get; set; }

    /// <summary>Every problem at once, so an operator edits the file once. The host refuses to start on any.</summary>
    public IEnumerable<string> Validate()
    {
        if (SegmentBytes < (AllowTinySegments ? 16 << 10 : 1 << 20) || SegmentBytes > 1 << 30 || SegmentBytes % 4096 != 0)
            yield return $"Storage:SegmentBytes is {SegmentBytes}; use a multiple of 4096 from 1048576 to 1073741824.";
        if (MaxBatchBytes < RecordBatchHeader.HeaderBytes || MaxBatchBytes > SegmentBytes / 4)
            yield return $"MaxBatchBytes is {MaxBatchBytes}; use 61 to a quarter of Storage:SegmentBytes ({SegmentBytes / 4}).";
        if (MaxGroupBytes < MaxBatchBytes) yield return $"MaxGroupBytes ({MaxGroupBytes}) is smaller than MaxBatchBytes ({MaxBatchBytes}).";
        if (PadBytes is not (0 or 512 or 4096)) yield return $"Commit:PadBytes is {PadBytes}; use 0, 512 or 4096.";
        if (Linger < TimeSpan.Zero || Linger > TimeSpan.FromSeconds(10)) yield return $"Commit:Linger is {Linger}; use 0 to 10 s.";
        if (MaxBytes < 0) yield return $"Storage:MaxBytes is {MaxBytes}; use 0 (80 % of the file system) or more.";
        if (MinFreeBytes < 0) yield return $"Storage:MinFreeBytes is {MinFreeBytes}; use 0 or more.";
    }
}
