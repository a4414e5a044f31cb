namespace Edge.Catalog;

/// <summary>Counters of the catalog since start.</summary>
/// <param name="IsFollowing">True once the file was compared with the journal and changes are being followed.</param>
/// <param name="IsInMemory">True when no file could be used: the catalog is held in memory until the next start.</param>
/// <param name="Batches">Transactions written.</param>
/// <param name="Changes">Entries written or removed by them.</param>
/// <param name="Rebuilds">Times a damaged or locked file was moved aside.</param>
/// <param name="Unreadable">Entries of the journal that are not in a form this version knows; left out.</param>
/// <param name="Waiting">Changed entries not yet written.</param>
public sealed record CatalogStatistics(bool IsFollowing, bool IsInMemory, long Batches, long Changes, long Rebuilds, long Unreadable, int Waiting);
