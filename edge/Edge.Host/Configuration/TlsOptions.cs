namespace Edge.Host.Configuration;

/// <summary>Certificate of the appliance's encrypted listeners.</summary>
public sealed record TlsOptions
{
    /// <summary>PEM file with the certificate and those that lead to its root. Empty = no encrypted listener.</summary>
    public string Certificate { get; set; } = "";

    /// <summary>PEM file with its private key; empty = it is in the certificate's file.</summary>
    public string Key { get; set; } = "";

    /// <summary>PEM file with the roots that client certificates must lead to. Empty = client certificates are not asked for.</summary>
    public string ClientCa { get; set; } = "";
}
