using Xunit;

namespace Edge.Kafka.Tests;

/// <summary>Tests that measure the whole process run when no other does.</summary>
[CollectionDefinition("alone", DisableParallelization = true)]
public sealed class AloneGroup;
