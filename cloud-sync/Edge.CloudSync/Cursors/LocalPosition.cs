using Edge.Log.Topics;

namespace Edge.CloudSync.Cursors;

/// <summary>One local partition as it stands when the centre is asked.</summary>
/// <param name="Key"><c>topic/partition</c>.</param>
/// <param name="Note">The local copy of the cursor; null when there is none.</param>
/// <param name="Partition">Null in tests of the decision alone.</param>
internal sealed record LocalPosition(string Key, long LogStart, long HighWatermark, SyncCursor? Note, Partition? Partition = null);
