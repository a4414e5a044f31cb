namespace Edge.CloudSync.Audit;

/// <summary>A range a policy removed before it was sent, as <c>edge.gaps</c> announces it.</summary>
/// <param name="To">End, exclusive.</param>
public sealed record AuditGap(long From, long To, long Count, string Reason);
