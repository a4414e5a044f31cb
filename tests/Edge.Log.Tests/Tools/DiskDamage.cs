using Edge.Testing.Storage;

namespace Edge.Log.Tests.Tools;

internal static class DiskDamage
{
    /// <summary>The disk with one byte of a file changed.</summary>
    public static SimulatedDisk Rotten(this SimulatedDisk disk, string file, int position, byte flip)
    {
        disk.Rot(file, position, flip);
        return disk;
    }
}
