using Edge.Hardware.Boards;
using Edge.Hardware.Buses;
using Edge.Hardware.Gpio;
using Xunit;

namespace Edge.Hardware.Tests.Boards;

public sealed class BoardTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("edge-board").FullName;

    [Theory]
    [InlineData("Raspberry Pi Zero 2 W Rev 1.0", "pi-zero-2w")]
    [InlineData("Raspberry Pi 3 Model B Plus Rev 1.3", "pi3")]
    [InlineData("Raspberry Pi 4 Model B Rev 1.5", "pi4")]
    [InlineData("Raspberry Pi 400 Rev 1.0", "pi4")]
    [InlineData("Raspberry Pi 5 Model B Rev 1.0", "pi5")]
    [InlineData("Raspberry Pi Compute Module 4 Rev 1.1", "cm4")]
    [InlineData("Radxa ROCK 4", "generic")]
    public void Find_Auto_GoesByTheDeviceTree(string model, string board)
    {
        Directory.CreateDirectory(Path.Combine(_root, "proc/device-tree"));
        File.WriteAllText(Path.Combine(_root, "proc/device-tree/model"), model + "\0");
        Assert.Equal(board, BoardProfiles.Find("auto", _root)!.Name);
    }

    [Fact]
    public void Find_NoDeviceTree_IsGeneric() => Assert.Equal("generic", BoardProfiles.Find("auto", _root)!.Name);

    // Vector: the 40-pin header as Raspberry Pi documents it: power, ground, and GPIO numbers by pin.
    [Fact]
    public void Header_OfEveryPi_HasTheWellKnownPins()
    {
        foreach (string name in (string[])["pi-zero-2w", "pi3", "pi4", "pi5", "cm4"])
        {
            BoardProfile board = BoardProfiles.Find(name)!;
            Assert.Equal(40, board.Header.Count);
            Assert.Equal([1, 17], board.Header.Where(static p => p.Label == "3V3").Select(static p => p.Number));
            Assert.Equal([2, 4], board.Header.Where(static p => p.Label == "5V").Select(static p => p.Number));
            Assert.Equal([6, 9, 14, 20, 25, 30, 34, 39], board.Header.Where(static p => p.Label == "GND").Select(static p => p.Number));
            Assert.Equal(Enumerable.Range(0, 28), board.Header.Where(static p => p.Gpio is not null).Select(static p => p.Gpio!.Value).Order());
            Assert.Equal((3, 5, 11, 40), (board.PinOf(2)!.Number, board.PinOf(3)!.Number, board.PinOf(17)!.Number, board.PinOf(21)!.Number));
        }
    }

    [Theory]
    [InlineData("GPIO17", "gpiochip4", 17)]
    [InlineData("header pin 11", "gpiochip4", 17)]
    [InlineData("pin 40", "gpiochip4", 21)]
    [InlineData("gpiochip0:3", "gpiochip0", 3)]
    [InlineData("PWR_LED", "gpiochip0", 1)]
    public void Line_OnAPi5_IsFoundByTheChipsLabelOrItsOwnName(string name, string chip, int offset)
    {
        GpioLineName line = Find(name);
        Assert.Equal((chip, offset), (line.Chip, line.Offset));
    }

    [Fact]
    public void Line_Unknown_NamesTheChips() => Assert.Contains("there is no line NOPE on gpiochip0, gpiochip4", Assert.Throws<BusException>(() => Find("NOPE")).Message, StringComparison.Ordinal);

    [Fact]
    public void Line_MachineWithoutChips_SaysSo() =>
        Assert.Contains("has no GPIO chip", Assert.Throws<BusException>(() => LineNames.Find("GPIO1", BoardProfiles.Find("pi4")!, static () => [], null!, null!)).Message, StringComparison.Ordinal);

    [Fact]
    public void RealMachine_AbsentBusAndLine_SayWhatToEnable()
    {
        var hardware = new LinuxHardware(BoardProfiles.Find("generic")!, true);
        Assert.Contains("there is no /dev/i2c-61; enable I2C", Assert.Throws<BusException>(() => hardware.OpenI2c(61, 0x44)).Message, StringComparison.Ordinal);
        Assert.Contains("there is no /dev/spidev29.3; enable SPI", Assert.Throws<BusException>(() => hardware.OpenSpi(new(29, 3))).Message, StringComparison.Ordinal);
        Assert.Contains("pwmchip61", Assert.Throws<BusException>(() => hardware.OpenPwm(61, 0, 1, 0)).Message, StringComparison.Ordinal);
        Assert.Contains("there is no /dev/gpiochip77", Assert.Throws<BusException>(() => hardware.OpenGpio(new([new("gpiochip77", 0, "x")], "t"))).Message, StringComparison.Ordinal);
        Assert.Contains("there is no /dev/ttyNOPE", Assert.Throws<BusException>(() => hardware.OpenSerial(new("/dev/ttyNOPE", 9600))).Message, StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);

    // A Pi 5 as its kernel shows it: the header's chip is not the first.
    private static GpioLineName Find(string name) => LineNames.Find(
        name, BoardProfiles.Find("pi5")!, static () => ["gpiochip0", "gpiochip4"],
        static chip => new(chip, chip == "gpiochip4" ? "pinctrl-rp1" : "gpio-brcmstb@107d508500", 32),
        static chip => chip == "gpiochip4" ? [] : [new(0, "", false, "", false), new(1, "PWR_LED", true, "led", true)]);
}
