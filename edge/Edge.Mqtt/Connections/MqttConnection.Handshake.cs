using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Edge.Log.Commit;
using Edge.Mqtt.Protocol;
using Edge.Mqtt.Security;
using Edge.Mqtt.Sessions;
using Microsoft.AspNetCore.Http.Features;

namespace Edge.Mqtt.Connections;

/// <content>CONNECT and CONNACK.</content>
internal sealed partial class MqttConnection
{
    public string Address => (_transport.RemoteEndPoint as IPEndPoint)?.Address.ToString() ?? "local";

    /// <summary>Parses the first packet. A refusal is written before it returns false.</summary>
    private bool TryReadConnect(PacketType type, byte flags, ReadOnlySpan<byte> body)
    {
        byte[] refusal = [];
        ConnectPacket? connect = type == PacketType.Connect
            ? ConnectPacket.TryParse(flags, body, _broker.Options.MaxTopicBytes, _broker.Options.MaxTopicLevels, out refusal)
            : null;
        if (connect is null)
        {
            _broker.Statistics.AddMalformed();
            Refuse(refusal);
            return false;
        }
        _v5 = connect.Version == ProtocolVersion.Mqtt5;
        _connect = connect;
        return true;
    }

    private void Refuse(byte[] connAck)
    {
        _broker.Statistics.AddRefusedConnection();
        _broker.ReportBadPacket(_connect?.ClientId ?? "", Address, connAck.Length > 3 ? (ReasonCode)connAck[3] : ReasonCode.MalformedPacket);
        if (connAck.Length > 0) Output.Write(connAck);
        Close(ReasonCode.UnspecifiedError, tell: false);
    }

    private byte[] Refusal(ReasonCode reason) => _v5
        ? [0x20, 3, 0, (byte)reason, 0]
        : [0x20, 2, 0, reason switch { ReasonCode.BadUserNameOrPassword => 4, ReasonCode.NotAuthorized => 5, _ => 3 }];

    /// <summary>Who it is, and whether it may leave its will.</summary>
    private async ValueTask<ReasonCode> LoginAsync(ConnectPacket connect)
    {
        string? certificate = _transport.Features.Get<ITlsConnectionFeature>()?.ClientCertificate?.GetNameInfo(X509NameType.SimpleName, forIssuer: false);
        MqttLogin login = await _broker.Access.LoginAsync(new MqttCredentials(connect.ClientId, connect.UserName, connect.Password, certificate, Address), _broker.Stopping).ConfigureAwait(false);
        connect.Password = null; // not needed any more: it shall be in no dump
        if (login.Status != MqttLoginStatus.Accepted) return login.Status == MqttLoginStatus.TryLater ? ReasonCode.ConnectionRateExceeded : ReasonCode.BadUserNameOrPassword;
        connect.UserName = login.UserName.Length == 0 ? null : login.UserName;
        return connect.Will is { } will && !_broker.Access.MayPublish(login.UserName, connect.ClientId, will.Topic) ? ReasonCode.NotAuthorized : ReasonCode.Success;
    }

    /// <summary>Takes the client's session and answers CONNACK.</summary>
    private async Task<bool> AttachAsync()
    {
        ConnectPacket connect = _connect!;
        if (_broker.IsOverConnectionLimit)
        {
            Refuse(Refusal(ReasonCode.QuotaExceeded));
            return false;
        }
        bool assigned = connect.ClientId.Length == 0;
        if (assigned) connect.ClientId = "auto-" + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(10));
        if (await LoginAsync(connect).ConfigureAwait(false) is var denied and not ReasonCode.Success)
        {
            _broker.Statistics.AddRefusedLogin();
            Refuse(Refusal(denied));
            return false;
        }
        (MqttSession? session, bool present, Task<CommitOutcome>? saved, ReasonCode refusal) = await _broker.Sessions.AcquireAsync(this, connect, _broker.Stopping).ConfigureAwait(false);
        if (session is null)
        {
            Refuse(Refusal(refusal));
            return false;
        }
        _will = connect.Will is { } will ? new StoredWill(_broker.Store.NewWillKey(connect.ClientId), connect.ClientId, connect.UserName, will) : null;
        if (saved is not null && await saved.ConfigureAwait(false) is { IsDurable: false } outcome)
        {
            // A session that cannot be kept is not promised.
            await _broker.Sessions.ReleaseAsync(this, session, null).ConfigureAwait(false);
            Refuse(Refusal(outcome.Status == AppendStatus.LogFull ? ReasonCode.QuotaExceeded : ReasonCode.ServerUnavailable));
            return false;
        }
        int maxKeepAlive = (int)_broker.Options.MaxKeepAlive.TotalSeconds;
        int keepAlive = _v5 && (connect.KeepAliveSeconds == 0 || connect.KeepAliveSeconds > maxKeepAlive) ? maxKeepAlive : connect.KeepAliveSeconds;
        KeepAlive = TimeSpan.FromSeconds(keepAlive);
        LastPacketAt = _broker.Now();
        Output.Write(PacketWriter.ConnAck(connect, present, _broker.Options, assigned));
        _hasInherited = session.Received.Count > 0;
        if (_v5 && connect.TopicAliasMaximum > 0) Aliases = new OutgoingAliases(connect.TopicAliasMaximum);
        _session = session;
        session.Attach(this);
        if (session.IsDurable && saved is null) _ = session.Save(isConnected: true);
        if (_will is not null) _ = _broker.Store.Table.PutAsync(_will.Key, _will.Encode());
        _broker.Devices.Seen(connect.ClientId, connect.UserName, Address);
        return true;
    }
}
