using System.Security.Cryptography;
using System.Text;

namespace Edge.Catalog.Users;

/// <summary>What a server keeps for SCRAM: enough to check a proof, not enough to log in elsewhere (RFC 5802).</summary>
public sealed record ScramKeys(byte[] Salt, int Iterations, byte[] StoredKey, byte[] ServerKey)
{
    /// <summary>Above RFC 7677's 4096. The client pays it at each log-in, and clients are small boards too.</summary>
    public const int DefaultIterations = 8192;

    public static ScramKeys Create(HashAlgorithmName hash, string password)
    {
        byte[] salt = RandomNumberGenerator.GetBytes(16);
        byte[] salted = Rfc2898DeriveBytes.Pbkdf2(Encoding.UTF8.GetBytes(password), salt, DefaultIterations, hash, SizeOf(hash));
        byte[] clientKey = CryptographicHmac(hash, salted, "Client Key"u8), serverKey = CryptographicHmac(hash, salted, "Server Key"u8);
        return new ScramKeys(salt, DefaultIterations, hash == HashAlgorithmName.SHA256 ? SHA256.HashData(clientKey) : SHA512.HashData(clientKey), serverKey);
    }

    private static int SizeOf(HashAlgorithmName hash) => hash == HashAlgorithmName.SHA256 ? 32 : 64;

    private static byte[] CryptographicHmac(HashAlgorithmName hash, byte[] key, ReadOnlySpan<byte> text) =>
        hash == HashAlgorithmName.SHA256 ? HMACSHA256.HashData(key, text) : HMACSHA512.HashData(key, text);
}
