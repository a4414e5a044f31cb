namespace Edge.Hardware.Boards;

/// <summary>A board: its header, its GPIO chip, and which buses come out where.</summary>
/// <param name="Name">As configuration writes it, for example <c>pi4</c>.</param>
/// <param name="Title">For people.</param>
/// <param name="Models">Beginnings of the device tree's model that mean this board.</param>
/// <param name="ChipLabels">Labels of the chip that drives the header, as the kernel gives them; the first that is there counts.</param>
/// <param name="Voltage">Of every signal pin.</param>
/// <param name="Header">Pins in order, 1 first; empty when the board is not known.</param>
/// <param name="Notes">What a person wiring this board should know.</param>
public sealed record BoardProfile(
    string Name, string Title, IReadOnlyList<string> Models, IReadOnlyList<string> ChipLabels, double Voltage, IReadOnlyList<HeaderPin> Header, IReadOnlyList<string> Notes)
{
    /// <summary>The pin of a GPIO number; null when it is not on the header.</summary>
    public HeaderPin? PinOf(int gpio) => Header.FirstOrDefault(p => p.Gpio == gpio);
}
