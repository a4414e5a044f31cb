using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Edge.Host.Configuration;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace Edge.Host.Composition;

/// <summary>Makes Kestrel's TLS settings of the files an operator names.</summary>
internal static class TlsSetup
{
    private static readonly TimeSpan HandshakeTimeout = TimeSpan.FromSeconds(10);

    /// <summary>Null: no certificate is configured.</summary>
    /// <param name="requireClient">Refuses clients that show no certificate; else they log in with a password.</param>
    /// <exception cref="StartException">A file is missing or is not what it should be; names it.</exception>
    public static HttpsConnectionAdapterOptions? Load(TlsOptions options, bool requireClient = false)
    {
        if (options.Certificate.Length == 0) return null;
        var settings = new HttpsConnectionAdapterOptions
        {
            ServerCertificate = Read("Tls:Certificate", options.Certificate, path => X509Certificate2.CreateFromPemFile(path, options.Key.Length > 0 ? options.Key : null)),
            ServerCertificateChain = Read("Tls:Certificate", options.Certificate, Collection),
            SslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
            HandshakeTimeout = HandshakeTimeout,
        };
        if (options.ClientCa.Length == 0) return settings;
        X509Certificate2Collection roots = Read("Tls:ClientCa", options.ClientCa, Collection);
        settings.ClientCertificateMode = requireClient ? ClientCertificateMode.RequireCertificate : ClientCertificateMode.AllowCertificate;
        settings.ClientCertificateValidation = (certificate, sent, errors) => (errors & SslPolicyErrors.RemoteCertificateNotAvailable) == 0 && LeadsTo(roots, certificate, sent);
        return settings;
    }

    private static bool LeadsTo(X509Certificate2Collection roots, X509Certificate2 certificate, X509Chain? sent)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(roots);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck; // a device must work without a network
        chain.ChainPolicy.ApplicationPolicy.Add(new Oid("1.3.6.1.5.5.7.3.2")); // client authentication
        if (sent is not null)
            foreach (X509ChainElement element in sent.ChainElements) chain.ChainPolicy.ExtraStore.Add(element.Certificate); // those in between come from the client
        return chain.Build(certificate);
    }

    private static X509Certificate2Collection Collection(string path)
    {
        var certificates = new X509Certificate2Collection();
        certificates.ImportFromPemFile(path);
        return certificates.Count > 0 ? certificates : throw new CryptographicException("it holds no certificate");
    }

    private static T Read<T>(string key, string path, Func<string, T> read)
    {
        try { return read(path); }
        catch (Exception e) when (e is CryptographicException or IOException or UnauthorizedAccessException) { throw new StartException($"{key}: '{path}' cannot be used: {e.Message.TrimEnd('.')}.", e); }
    }
}
