using System.Globalization;
using Edge.Testing.Processes;

namespace Edge.Testing.Storage;

/// <summary>A file as a block device with its own ext4: nobody else writes to it, what reaches it is counted by the kernel, and its power can be cut. Needs root.</summary>
public sealed class LoopDevice : IAsyncDisposable
{
    private static readonly string[] Tools = ["losetup", "mkfs.ext4", "mount", "umount", "sync"];
    private readonly string _image, _device;

    private LoopDevice(string image, string device, string mountPoint) => (_image, _device, MountPoint) = (image, device, mountPoint);

    public string MountPoint { get; }

    /// <summary>Bytes the device was given to write; sync first. Field 7 of /sys/block/NAME/stat, in sectors of 512 bytes (Documentation/block/stat.rst).</summary>
    public long WrittenBytes => long.Parse(File.ReadAllText($"/sys/block/{Path.GetFileName(_device)}/stat").Split(' ', StringSplitOptions.RemoveEmptyEntries)[6], CultureInfo.InvariantCulture) * 512;

    /// <summary>Null where one can be made, as far as that can be told without trying; else the reason.</summary>
    public static string? Reason()
    {
        if (Environment.UserName != "root") return "needs root for a loop device";
        if (Array.Find(Tools, static t => ToolPath.Find(t) is null) is { } absent) return $"not installed here: {absent}";
        return File.Exists("/dev/loop-control") ? null : "there are no loop devices here";
    }

    /// <summary>Null, with the reason, where it cannot be made.</summary>
    public static async Task<(LoopDevice? Device, string Why)> TryCreateAsync(string work, long bytes)
    {
        if (Reason() is { } reason) return (null, reason);
        string name = $"loop-{Environment.ProcessId}-{Guid.NewGuid():N}", image = Path.Combine(work, name + ".img"), mountPoint = Path.Combine(work, name);
        await using (FileStream file = File.Create(image)) file.SetLength(bytes);
        Directory.CreateDirectory(mountPoint);
        CommandResult set = await RunAsync("losetup", "--find", "--show", image).ConfigureAwait(false);
        if (set.ExitCode != 0)
        {
            File.Delete(image);
            Directory.Delete(mountPoint);
            return (null, $"losetup: {set.StandardError.Trim()}");
        }
        var device = new LoopDevice(image, set.StandardOutput.Trim(), mountPoint);
        CommandResult made = await RunAsync("mkfs.ext4", "-q", "-E", "lazy_itable_init=0,lazy_journal_init=0", device._device).ConfigureAwait(false);
        CommandResult mounted = made.ExitCode == 0 ? await RunAsync("mount", device._device, mountPoint).ConfigureAwait(false) : made;
        if (mounted.ExitCode == 0) return (device, "");
        await device.DisposeAsync().ConfigureAwait(false);
        return (null, $"mkfs.ext4 or mount: {mounted.StandardError.Trim()}");
    }

    public Task SyncAsync() => RunAsync("sync", "--file-system", MountPoint);

    /// <summary>Ends the file system where it is: from now on nothing reaches the device any more, not even its own log. As a power cut, seen from the device.</summary>
    public void CutPower() => FileSystemShutdown.WithoutLogFlush(MountPoint);

    /// <summary>Takes the file system down and brings it up again, which replays its log as after a power cut. Nothing may have files open on it.</summary>
    public async Task RemountAsync()
    {
        await RequireAsync("umount", MountPoint).ConfigureAwait(false);
        await RequireAsync("mount", _device, MountPoint).ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        await RunAsync("umount", MountPoint).ConfigureAwait(false);
        await RunAsync("losetup", "--detach", _device).ConfigureAwait(false);
        File.Delete(_image);
        if (Directory.Exists(MountPoint)) Directory.Delete(MountPoint);
    }

    private static async Task RequireAsync(string tool, params string[] arguments)
    {
        CommandResult result = await RunAsync(tool, arguments).ConfigureAwait(false);
        if (result.ExitCode != 0) throw new IOException($"{tool} {string.Join(' ', arguments)}: {result.StandardError.Trim()}");
    }

    private static Task<CommandResult> RunAsync(string tool, params string[] arguments) => Command.RunAsync(ToolPath.Find(tool)!, arguments, timeout: TimeSpan.FromMinutes(2));
}
