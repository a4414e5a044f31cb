using Xunit;

namespace Edge.Conformance.Tests;

/// <summary>Clients take turns: they share one appliance, and the machine.</summary>
[CollectionDefinition("conformance")]
public sealed class ConformanceGroup : ICollectionFixture<ConformanceRun>;
