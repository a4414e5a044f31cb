using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Edge.Mqtt;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace Edge.Host.Composition;

/// <summary>Certificates of the MQTT listener.</summary>
internal static class MqttTls
{
    private static readonly TimeSpan HandshakeLimit = TimeSpan.FromSeconds(10);

    /// <exception cref="StartException">A file cannot be read or is no certificate; names it.</exception>
    public static HttpsConnectionAdapterOptions Load(MqttOptions options)
    {
        var https = new HttpsConnectionAdapterOptions { SslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13, HandshakeTimeout = HandshakeLimit };
        Read("Mqtt:CertificateFile", options.CertificateFile, path =>
        {
            https.ServerCertificate = X509Certificate2.CreateFromPemFile(path, options.CertificateKeyFile.Length > 0 ? options.CertificateKeyFile : null);
            https.ServerCertificateChain = [];
            https.ServerCertificateChain.ImportFromPemFile(path);
        });
        if (options.ClientCaFile.Length == 0) return https;
        X509Certificate2Collection authorities = [];
        Read("Mqtt:ClientCaFile", options.ClientCaFile, authorities.ImportFromPemFile);
        https.ClientCertificateMode = options.RequireClientCertificate ? ClientCertificateMode.RequireCertificate : ClientCertificateMode.AllowCertificate;
        https.ClientCertificateValidation = (certificate, chain, errors) => IsOurs(certificate, chain, errors, authorities);
        return https;
    }

    /// <summary>Issued by one of the authorities, in its time, and meant for clients. Whoever shall not come any more is removed from the users.</summary>
    private static bool IsOurs(X509Certificate2 certificate, X509Chain? sent, SslPolicyErrors errors, X509Certificate2Collection authorities)
    {
        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateNotAvailable)) return false;
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(authorities);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.ApplicationPolicy.Add(new Oid("1.3.6.1.5.5.7.3.2")); // client authentication
        if (sent is not null)
            foreach (X509ChainElement element in sent.ChainElements) chain.ChainPolicy.ExtraStore.Add(element.Certificate);
        return chain.Build(certificate);
    }

    private static void Read(string key, string path, Action<string> read)
    {
        try { read(path); }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException) { throw new StartException($"{key} '{path}' cannot be used: {e.Message}", e); }
    }
}
