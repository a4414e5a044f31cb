namespace Edge.Catalog.Users;

/// <summary>Allows operations on the topics that match a pattern. There are no rules that deny: what no rule allows is refused.</summary>
/// <param name="Pattern">See <see cref="TopicPattern"/>.</param>
public readonly record struct AclRule(AclOperation Operations, string Pattern);
