namespace Edge.Mqtt.Security;

/// <summary>Who may connect, and what it may do. The broker asks for every CONNECT, topic, filter and retained message; it keeps answers until <see cref="Version"/> changes.</summary>
/// <remarks>Thread-safe. All but <see cref="LoginAsync"/> must be quick: they are asked while packets are read.</remarks>
public interface IMqttAccess
{
    /// <summary>Rises whenever rights change; subscriptions that are no longer allowed are ended then, and clients that may no longer connect are closed.</summary>
    int Version { get; }

    /// <summary>True while everybody may do everything; nothing is asked then.</summary>
    bool IsOpen { get; }

    /// <summary>Checks the credentials of a CONNECT.</summary>
    ValueTask<MqttLogin> LoginAsync(MqttCredentials credentials, CancellationToken cancellationToken);

    /// <summary>Whether the user still exists.</summary>
    /// <param name="user">Empty: anonymous.</param>
    bool Exists(string user);

    /// <param name="topic">Without wildcards.</param>
    bool MayPublish(string user, string clientId, string topic);

    /// <param name="filter">Without <c>$share/group/</c> and <c>$replay/from/</c>; allowed only when a rule covers all of it.</param>
    bool MaySubscribe(string user, string clientId, string filter);
}
