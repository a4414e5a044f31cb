using Edge.Hardware.Boards;
using Edge.Hardware.Buses;
using Edge.Hardware.Gpio;

namespace Edge.Hardware.Drivers;

/// <summary>What a driver is made of: its sensor's options, its settings being checked, and the machine.</summary>
internal sealed class DriverSetup(SensorOptions options, string keyPath, List<string> problems, IHardware hardware, GpioEventLoop events, ClaimedParts claimed, TimeProvider timeProvider)
{
    public string Name => options.Name;

    public SensorOptions Options => options;

    public IHardware Hardware => hardware;

    public GpioEventLoop Events => events;

    public TimeProvider TimeProvider => timeProvider;

    public List<string> Problems => problems;

    public string KeyPath => keyPath;

    public DriverSettings Settings { get; } = new(options.Settings, keyPath, problems);

    /// <summary>A GPIO line by name: checked against the board, and against every other sensor.</summary>
    public GpioLineName Line(string setting)
    {
        string name = Settings.Text(setting, "");
        if (name.Length == 0)
        {
            problems.Add($"{keyPath}:settings:{setting} is missing; use {LineNames.Allowed}.");
            return default;
        }
        if (LineNames.ProblemOf(name, hardware.Board) is { } problem) problems.Add($"{keyPath}:settings:{setting} is {problem}.");
        else if (claimed.Claim($"line {LineNames.Canonical(name, hardware.Board)}", Name, null) is { } other)
            problems.Add($"{keyPath}:settings:{setting} is '{name}', which {other} uses already.");
        return new("", 0, name);
    }

    /// <summary>An I2C address: checked for range and against every other sensor; the header's pins of the bus are taken too.</summary>
    public (int Bus, int Address) I2c(int defaultAddress, IReadOnlyList<int> addresses, bool isShared = false)
    {
        int bus = Settings.Number("bus", 1, 0, 63), address = Settings.Number("address", defaultAddress, 0x03, 0x77);
        if (addresses.Count > 0 && !addresses.Contains(address))
            problems.Add($"{keyPath}:settings:address is 0x{address:x2}; this device answers at {string.Join(", ", addresses.Select(static a => $"0x{a:x2}"))}.");
        if (claimed.Claim($"i2c-{bus} address 0x{address:x2}", Name, isShared ? "registers" : null) is { } other)
            problems.Add($"{keyPath}:settings:address is 0x{address:x2} on bus {bus}, which {other} uses already.");
        ClaimFunction($"SDA{bus}", $"I2C bus {bus}");
        ClaimFunction($"SCL{bus}", $"I2C bus {bus}");
        return (bus, address);
    }

    public (int Bus, int ChipSelect) Spi(bool isShared = false)
    {
        int bus = Settings.Number("bus", 0, 0, 31), select = Settings.Number("chipselect", 0, 0, 15);
        if (claimed.Claim($"spi{bus}.{select}", Name, isShared ? "registers" : null) is { } other)
            problems.Add($"{keyPath}:settings:chipselect is {select} on bus {bus}, which {other} uses already.");
        foreach (string function in (string[])[$"SPI{bus}_MOSI", $"SPI{bus}_MISO", $"SPI{bus}_SCLK", $"SPI{bus}_CE{select}"]) ClaimFunction(function, $"SPI bus {bus}");
        return (bus, select);
    }

    /// <summary>A serial device; only sensors of one kind (Modbus stations on one line) share it.</summary>
    public string Serial(string defaultDevice, string? sharedBy = null)
    {
        string device = Settings.Text("device", defaultDevice);
        if (!device.StartsWith('/')) problems.Add($"{keyPath}:settings:device is '{device}'; use an absolute path such as /dev/serial0 or /dev/ttyUSB0.");
        else if (claimed.Claim(device, Name, sharedBy) is { } other) problems.Add($"{keyPath}:settings:device is '{device}', which {other} uses already.");
        if (device is "/dev/serial0" or "/dev/ttyAMA0" or "/dev/ttyS0")
        {
            ClaimFunction("TXD0", device);
            ClaimFunction("RXD0", device);
        }
        return device;
    }

    /// <summary>A pin of the header that a bus needs is not free for GPIO.</summary>
    private void ClaimFunction(string function, string user)
    {
        if (hardware.Board.Header.FirstOrDefault(p => p.Function.Split(' ').Contains(function)) is not { } pin) return;
        if (claimed.Claim($"line {pin.Label}", user, user) is { } other) problems.Add($"{keyPath}: {user} needs {pin.Label} (header pin {pin.Number}), which {other} uses already.");
    }
}

/// <summary>Who uses which line, address and device: two sensors on one are found before anything starts.</summary>
internal sealed class ClaimedParts
{
    private readonly Dictionary<string, (string Owner, string? SharedBy)> _claims = new(StringComparer.OrdinalIgnoreCase);

    public IReadOnlyDictionary<string, (string Owner, string? SharedBy)> All => _claims;

    /// <summary>Null when it is granted; else who has it. Equal <paramref name="sharedBy"/> share.</summary>
    public string? Claim(string part, string owner, string? sharedBy)
    {
        if (_claims.TryAdd(part, (owner, sharedBy))) return null;
        (string first, string? shared) = _claims[part];
        return sharedBy is not null && shared == sharedBy ? null : shared == first ? first : $"sensor '{first}'";
    }
}
