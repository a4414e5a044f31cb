using Edge.Testing.Storage;
using Xunit;

namespace Edge.Testing.Processes;

/// <summary>A test that makes a file system of its own and cuts its power: it is skipped without root, loop devices or ext4's tools.</summary>
public sealed class RequiresLoopDeviceFactAttribute : FactAttribute
{
    public RequiresLoopDeviceFactAttribute() => Skip = LoopDevice.Reason();
}
