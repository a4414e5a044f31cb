namespace Edge.Log.Topics;

/// <summary>Outcome of creating, altering or deleting a topic.</summary>
/// <param name="Topic">The topic as it is now; null when there is none.</param>
/// <param name="Reason">A sentence for the operator when the status is not <see cref="TopicChangeStatus.Ok"/>.</param>
public readonly record struct TopicChange(TopicChangeStatus Status, Topic? Topic, string? Reason = null);
