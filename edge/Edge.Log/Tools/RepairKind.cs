namespace Edge.Log.Tools;

/// <summary>What a <see cref="RepairAction"/> does.</summary>
public enum RepairKind : byte
{
    /// <summary>Copies a damaged range of a segment to quarantine and puts padding frames in its place.</summary>
    QuarantineRange,

    /// <summary>Moves a whole file to quarantine.</summary>
    QuarantineFile,

    /// <summary>Copies a damaged segment header to quarantine and writes it again from name and first frame.</summary>
    RewriteHeader,

    /// <summary>Writes the format file again.</summary>
    WriteFormat,
}
