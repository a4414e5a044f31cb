namespace Edge.Hardware.Bindings;

/// <summary>Drivers on Iot.Device.Bindings, where this build has the package.</summary>
public static partial class IotBindings
{
    /// <summary>Names of the drivers this build adds; empty in a build without the package.</summary>
    public static IReadOnlyList<string> Names => Added;

    private static List<string> Added { get; } = [];

    /// <summary>Makes the drivers known; call it before the configuration is read. Does nothing in a build without the package.</summary>
    public static void Register() => RegisterAll();

    static partial void RegisterAll();
}
