using Xunit;

namespace Edge.Testing.Processes;

/// <summary>A test that drives the native build: it is skipped where none was made.</summary>
public sealed class RequiresNativeEdgeFactAttribute : FactAttribute
{
    public RequiresNativeEdgeFactAttribute()
    {
        if (EdgeExecutable.Native is null) Skip = "there is no native build (NATIVE_EDGE, artifacts/edge-aot/edge); scripts/build --aot makes one";
    }
}
