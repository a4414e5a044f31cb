using Xunit;

namespace Edge.Conformance.Tests;

/// <summary>A test that needs one of <see cref="Clients"/>; skipped, with the reason, where it is not installed.</summary>
internal sealed class ClientFactAttribute : FactAttribute
{
    public ClientFactAttribute(string client) => Skip = Clients.WhyNot(client);
}
