using System.Diagnostics;
using System.Text;

namespace Edge.Hardware.VmProbe;

/// <summary>The other side of the kernel's gpio-sim: presses and watches lines through sysfs.</summary>
internal sealed class SimLines(string folder)
{
    /// <summary>Holds a line's pull file open, so that a write is one system call.</summary>
    public Puller Open(int line) => new(Path.Combine(folder, $"sim_gpio{line}", "pull"));

    public void Pull(int line, bool up)
    {
        using Puller puller = Open(line);
        puller.Set(up);
    }

    public bool Value(int line) => File.ReadAllText(Path.Combine(folder, $"sim_gpio{line}", "value")).Trim() == "1";

    internal sealed class Puller(string path) : IDisposable
    {
        private readonly FileStream _file = new(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite, 0);

        public void Set(bool up)
        {
            _file.Position = 0;
            _file.Write(Encoding.ASCII.GetBytes(up ? "pull-up" : "pull-down"));
        }

        /// <summary>So many edges at a rate at most, beginning with a rising one; a rate of 0: as fast as it goes.</summary>
        /// <remarks>Never catches up after a pause: the simulated chip has no queue, and what comes too close to the edge before it is one interrupt.</remarks>
        public TimeSpan Toggle(int edges, int hertz)
        {
            long began = Stopwatch.GetTimestamp();
            for (int i = 0; i < edges; i++)
            {
                long last = Stopwatch.GetTimestamp();
                Set(i % 2 == 0);
                while (hertz > 0 && Stopwatch.GetElapsedTime(last).TotalSeconds * hertz < 1) Thread.SpinWait(50);
            }
            return Stopwatch.GetElapsedTime(began);
        }

        public void Dispose() => _file.Dispose();
    }
}
