namespace Edge.Hardware.Detection;

/// <summary>What a look around found.</summary>
/// <param name="Model">Of the device tree; null on a PC.</param>
/// <param name="Board">Name of the profile that is used.</param>
/// <param name="GpioChips"><c>gpiochip0: pinctrl-bcm2711, 58 lines, 3 in use</c>.</param>
/// <param name="Devices">Everything that answered.</param>
/// <param name="Problems">What could not be looked at, and why: no bus, no permission.</param>
/// <param name="Proposed">Sensors to configure for what was found.</param>
public sealed record DetectedHardware(
    string? Model, string Board, IReadOnlyList<string> GpioChips, IReadOnlyList<DetectedDevice> Devices, IReadOnlyList<string> Problems, IReadOnlyList<SensorOptions> Proposed);
