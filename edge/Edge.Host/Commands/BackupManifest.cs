namespace Edge.Host.Commands;

/// <summary>What a backup says about itself: the last file of the archive, kept as <c>backup.json</c> in the copy.</summary>
internal sealed record BackupManifest(string Device, string Log, string Taken, int Files, long Bytes);
