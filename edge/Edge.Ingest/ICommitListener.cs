using Edge.Log.Commit;

namespace Edge.Ingest;

/// <summary>Told when a group of gathered records is durable or failed.</summary>
public interface ICommitListener
{
    /// <summary>Called on the journal's writer thread, groups in order; must be quick and must not block or throw.</summary>
    void OnCommitted(long group, CommitOutcome outcome);
}
