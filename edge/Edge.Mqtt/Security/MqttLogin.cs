namespace Edge.Mqtt.Security;

/// <summary>Answer to a CONNECT's credentials.</summary>
/// <param name="UserName">Who it is from now on: the name in rights, headers and logs. Empty: anonymous.</param>
public readonly record struct MqttLogin(MqttLoginStatus Status, string UserName = "");
