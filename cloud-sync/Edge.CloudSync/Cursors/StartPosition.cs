namespace Edge.CloudSync.Cursors;

/// <summary>Where one partition goes on.</summary>
/// <param name="Next">First offset to send.</param>
/// <param name="Previous">Offset sent last in the lineage that goes on; -1 at its start.</param>
/// <param name="Sequence">Number of the last transaction that touched it; 0 when none did.</param>
/// <param name="IngestSequence">Where to read on; 0 when only the whole journal tells.</param>
internal readonly record struct StartPosition(long Next, long Previous, long Sequence, BootTrail Boots, long IngestSequence);
