namespace Edge.Mqtt.Security;

/// <summary>Whether clients without a user name are let in (<c>Mqtt:Anonymous</c>).</summary>
public enum MqttAnonymous : byte
{
    /// <summary>From this machine only.</summary>
    Local,

    /// <summary>From everywhere: the operator's own decision.</summary>
    Always,

    Never,
}
