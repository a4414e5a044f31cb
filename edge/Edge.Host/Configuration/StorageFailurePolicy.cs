namespace Edge.Host.Configuration;

/// <summary>What happens when the journal cannot write any more (<c>Storage:OnFailure</c>).</summary>
public enum StorageFailurePolicy : byte
{
    /// <summary>Reading and forwarding go on, ingest is refused, health turns red.</summary>
    ReadOnly,

    /// <summary>The process leaves, so that whoever supervises it can act.</summary>
    Exit,
}
