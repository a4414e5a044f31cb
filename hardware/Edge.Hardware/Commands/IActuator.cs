namespace Edge.Hardware.Commands;

/// <summary>A sensor that can also be told something: an output.</summary>
internal interface IActuator : ISensor
{
    /// <summary>Topic and key of the commands it obeys.</summary>
    CommandAddress Commands { get; }

    /// <summary>Carries a command out. Thread-safe.</summary>
    /// <returns>The value that holds now.</returns>
    /// <exception cref="SensorException">It is no command, or cannot be carried out.</exception>
    double Apply(string value);
}

internal readonly record struct CommandAddress(string Topic, string Key);
