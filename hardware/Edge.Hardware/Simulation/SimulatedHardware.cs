using System.Device.I2c;
using System.Device.Pwm;
using System.Device.Spi;
using Edge.Hardware.Boards;
using Edge.Hardware.Buses;
using Edge.Hardware.Gpio;

namespace Edge.Hardware.Simulation;

/// <summary>A machine in memory: buses with devices at register level, lines that can be driven, serial lines with something at the other end. Drivers run on it unchanged.</summary>
internal sealed class SimulatedHardware(BoardProfile board, TimeProvider timeProvider) : IHardware, IDisposable
{
    private readonly string _fileRoot = Path.Combine(Path.GetTempPath(), $"edge-simulation-{Environment.ProcessId}-{Guid.NewGuid():N}");

    public BoardProfile Board => board;

    public SimulatedI2cBuses I2c { get; } = new();

    public Dictionary<(int Bus, int ChipSelect), ISimulatedSpi> Spi { get; } = [];

    public Dictionary<string, ISimulatedSerial> Serial { get; } = new(StringComparer.Ordinal);

    public SimulatedGpio Gpio { get; } = new(timeProvider);

    public Dictionary<(int Chip, int Channel), SimulatedPwm> Pwm { get; } = [];

    /// <summary>Writes what the kernel would show in files; told the root.</summary>
    public Action<string>? WriteFiles { get; set; }

    /// <summary>Time that conversions would have taken.</summary>
    public TimeSpan Waited { get; private set; }

    /// <summary>Ends what drives the lines.</summary>
    public IDisposable? Signals { get; set; }

    public string FileRoot => _fileRoot;

    public long MonotonicNs => Gpio.Now();

    public I2cDevice OpenI2c(int bus, int address) => I2c.Open(bus, address);

    public SpiDevice OpenSpi(SpiConnectionSettings settings) => Spi.TryGetValue((settings.BusId, settings.ChipSelectLine), out ISimulatedSpi? device)
        ? new CheckedSpiDevice(new SimulatedSpiDevice(settings, device))
        : throw new BusException(BusFault.NoSuchBus, $"there is no /dev/spidev{settings.BusId}.{settings.ChipSelectLine}; the simulation has nothing there");

    public ISerialPort OpenSerial(SerialSettings settings) => Serial.TryGetValue(settings.Device, out ISimulatedSerial? line)
        ? new SimulatedSerialPort(line)
        : throw new BusException(BusFault.NoSuchBus, $"there is no {settings.Device}; the simulation has nothing there");

    public IGpioLines OpenGpio(GpioRequest request) => Gpio.Open(request with { Lines = [.. request.Lines.Select(l => l with { Shown = LineNames.Canonical(l.Shown, board) })] });

    public PwmChannel OpenPwm(int chip, int channel, int frequencyHz, double dutyCycle) => Pwm[(chip, channel)] = new SimulatedPwm { Frequency = frequencyHz, DutyCycle = dutyCycle };

    public void Delay(TimeSpan time) => Waited += time; // conversions are done at once

    public string RecoverI2c(int bus) => new I2cRecovery(this, bus).Run();

    public void PrepareFiles() => WriteFiles?.Invoke(_fileRoot);

    public void Dispose()
    {
        Signals?.Dispose();
        if (Directory.Exists(_fileRoot)) Directory.Delete(_fileRoot, recursive: true);
    }
}

/// <summary>A PWM channel in memory.</summary>
internal sealed class SimulatedPwm : PwmChannel
{
    public override int Frequency { get; set; }

    public override double DutyCycle { get; set; }

    public bool IsRunning { get; private set; }

    public override void Start() => IsRunning = true;

    public override void Stop() => IsRunning = false;
}
