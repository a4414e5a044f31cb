namespace Edge.Http;

/// <summary>Settings of the HTTP listener (<c>Http:*</c>).</summary>
public sealed record HttpOptions
{
    /// <summary>TCP port; 0 = any free one. Default 8080.</summary>
    public int Port { get; set; } = 8080;

    /// <summary>Address to listen on. Default loopback; wider needs <see cref="UnsafePlaintext"/>.</summary>
    public string BindAddress { get; set; } = "127.0.0.1";

    /// <summary>Allows plain HTTP on addresses other than loopback.</summary>
    public bool UnsafePlaintext { get; set; }

    /// <summary>Names of the Host header that are answered, besides localhost, IP addresses and the machine's own name.</summary>
    public IReadOnlyList<string> AllowedHosts { get; set; } = [];

    /// <summary>Largest request body. Bytes. Default 4 MiB.</summary>
    public int MaxBodyBytes { get; set; } = 4 << 20;
}
