namespace Edge.Mqtt.Security;

/// <summary>Outcome of a login.</summary>
public enum MqttLoginStatus : byte
{
    Accepted,

    /// <summary>Unknown user, wrong or missing password; which one is not told.</summary>
    BadCredentials,

    /// <summary>Too many failures of this user or address, or too many logins wait: try again later.</summary>
    TryLater,
}
