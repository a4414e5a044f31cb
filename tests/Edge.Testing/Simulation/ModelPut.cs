namespace Edge.Testing.Simulation;

/// <summary>A change of one key of an internal table; null removes it.</summary>
public sealed record ModelPut(string Table, string Key, byte[]? Value);
