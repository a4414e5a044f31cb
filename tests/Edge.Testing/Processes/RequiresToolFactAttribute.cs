using Xunit;

namespace Edge.Testing.Processes;

/// <summary>A test that needs programs which may be absent: it is skipped with the names of those that are.</summary>
public sealed class RequiresToolFactAttribute : FactAttribute
{
    public RequiresToolFactAttribute(params string[] tools)
    {
        string[] absent = [.. tools.Where(static tool => ToolPath.Find(tool) is null)];
        if (absent.Length > 0) Skip = $"not installed here: {string.Join(", ", absent)}";
    }
}
