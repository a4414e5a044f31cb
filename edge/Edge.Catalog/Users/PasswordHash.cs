using System.Security.Cryptography;
using System.Text;

namespace Edge.Catalog.Users;

/// <summary>PBKDF2-SHA256 of a password, for protocols that send the password itself.</summary>
public sealed record PasswordHash(byte[] Salt, int Iterations, byte[] Hash)
{
    /// <summary>OWASP's number for PBKDF2-HMAC-SHA256.</summary>
    public const int DefaultIterations = 600_000;

    public static PasswordHash Create(string password, int iterations = DefaultIterations)
    {
        byte[] salt = RandomNumberGenerator.GetBytes(16);
        return new PasswordHash(salt, iterations, Rfc2898DeriveBytes.Pbkdf2(Encoding.UTF8.GetBytes(password), salt, iterations, HashAlgorithmName.SHA256, 32));
    }

    /// <summary>Takes as long as the iterations take: tens of milliseconds on a PC, a second on a small board.</summary>
    public bool Verify(ReadOnlySpan<byte> passwordUtf8) =>
        CryptographicOperations.FixedTimeEquals(Rfc2898DeriveBytes.Pbkdf2(passwordUtf8, Salt, Iterations, HashAlgorithmName.SHA256, Hash.Length), Hash);
}
