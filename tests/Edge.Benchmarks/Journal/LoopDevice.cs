using System.Globalization;
using Edge.Testing.Processes;

namespace Edge.Benchmarks.Journal;

/// <summary>A file as a block device with its own ext4: what reaches it is counted by the kernel, and nobody else writes to it. Needs root.</summary>
internal sealed class LoopDevice : IAsyncDisposable
{
    private readonly string _image, _device;

    private LoopDevice(string image, string device, string mountPoint) => (_image, _device, MountPoint) = (image, device, mountPoint);

    public string MountPoint { get; }

    /// <summary>Bytes the device was given to write; sync first. Field 7 of /sys/block/NAME/stat, in sectors of 512 bytes (Documentation/block/stat.rst).</summary>
    public long WrittenBytes => long.Parse(File.ReadAllText($"/sys/block/{Path.GetFileName(_device)}/stat").Split(' ', StringSplitOptions.RemoveEmptyEntries)[6], CultureInfo.InvariantCulture) * 512;

    /// <summary>Null, with the reason, where it cannot be made.</summary>
    public static async Task<(LoopDevice? Device, string Why)> TryCreateAsync(string work, long bytes)
    {
        if (Environment.UserName != "root") return (null, "needs root for a loop device");
        foreach (string tool in new[] { "losetup", "mkfs.ext4", "mount", "umount", "sync" })
            if (ToolPath.Find(tool) is null) return (null, $"{tool} is not installed");
        string image = Path.Combine(work, $"loop-{Environment.ProcessId}.img"), mountPoint = Path.Combine(work, $"loop-{Environment.ProcessId}");
        await using (FileStream file = File.Create(image)) file.SetLength(bytes);
        Directory.CreateDirectory(mountPoint);
        CommandResult set = await RunAsync("losetup", "--find", "--show", image);
        if (set.ExitCode != 0)
        {
            File.Delete(image);
            return (null, $"losetup: {set.StandardError.Trim()}");
        }
        var device = new LoopDevice(image, set.StandardOutput.Trim(), mountPoint);
        CommandResult made = await RunAsync("mkfs.ext4", "-q", "-E", "lazy_itable_init=0,lazy_journal_init=0", device._device);
        CommandResult mounted = made.ExitCode == 0 ? await RunAsync("mount", device._device, mountPoint) : made;
        if (mounted.ExitCode == 0) return (device, "");
        await device.DisposeAsync();
        return (null, $"mkfs.ext4 or mount: {mounted.StandardError.Trim()}");
    }

    public Task SyncAsync() => RunAsync("sync", "--file-system", MountPoint);

    public async ValueTask DisposeAsync()
    {
        await RunAsync("umount", MountPoint);
        await RunAsync("losetup", "--detach", _device);
        File.Delete(_image);
        if (Directory.Exists(MountPoint)) Directory.Delete(MountPoint);
    }

    private static Task<CommandResult> RunAsync(string tool, params string[] arguments) => Command.RunAsync(ToolPath.Find(tool)!, arguments, timeout: TimeSpan.FromMinutes(2));
}
