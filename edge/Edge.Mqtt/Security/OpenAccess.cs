namespace Edge.Mqtt.Security;

/// <summary>No users: everybody who reaches the listener may do everything. The plain listener is bound to loopback then, unless told otherwise.</summary>
public sealed class OpenAccess : IMqttAccess
{
    public int Version => 0;
    public bool IsOpen => true;
    public ValueTask<MqttLogin> LoginAsync(MqttCredentials credentials, CancellationToken cancellationToken) => new(new MqttLogin(MqttLoginStatus.Accepted, credentials.UserName ?? credentials.CertificateName ?? ""));
    public bool Exists(string user) => true;
    public bool MayPublish(string user, string clientId, string topic) => true;
    public bool MaySubscribe(string user, string clientId, string filter) => true;
}
