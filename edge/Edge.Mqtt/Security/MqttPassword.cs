using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Edge.Mqtt.Security;

/// <summary>Salted password hashes: PBKDF2 with HMAC-SHA-256, as text <c>pbkdf2-sha256$iterations$salt$hash</c>.</summary>
public static class MqttPassword
{
    /// <summary>Iterations of new hashes. Source: OWASP password storage, 2023.</summary>
    public const int Iterations = 600_000;

    private const string Scheme = "pbkdf2-sha256";
    private const int SaltBytes = 16, HashBytes = 32, MaxIterations = 10_000_000;

    /// <summary>A new hash with a salt of its own.</summary>
    public static string Hash(ReadOnlySpan<byte> password, int iterations = Iterations)
    {
        byte[] salt = RandomNumberGenerator.GetBytes(SaltBytes);
        byte[] hash = Rfc2898DeriveBytes.Pbkdf2(password, salt, iterations, HashAlgorithmName.SHA256, HashBytes);
        return string.Create(CultureInfo.InvariantCulture, $"{Scheme}${iterations}${Convert.ToBase64String(salt)}${Convert.ToBase64String(hash)}");
    }

    /// <summary>True for text that <see cref="Verify"/> can use.</summary>
    public static bool IsHash(string text) => TryParse(text, out _, out _, out _);

    /// <summary>Compares in constant time. False for a hash that is none.</summary>
    public static bool Verify(ReadOnlySpan<byte> password, string hash)
    {
        if (!TryParse(hash, out int iterations, out byte[] salt, out byte[] expected)) return false;
        return CryptographicOperations.FixedTimeEquals(Rfc2898DeriveBytes.Pbkdf2(password, salt, iterations, HashAlgorithmName.SHA256, expected.Length), expected);
    }

    private static bool TryParse(string text, out int iterations, out byte[] salt, out byte[] hash)
    {
        (iterations, salt, hash) = (0, [], []);
        string[] parts = text.Split('$');
        if (parts.Length != 4 || parts[0] != Scheme || !int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out iterations) || iterations is < 1000 or > MaxIterations) return false;
        salt = new byte[64];
        hash = new byte[64];
        if (!Convert.TryFromBase64String(parts[2], salt, out int saltBytes) || !Convert.TryFromBase64String(parts[3], hash, out int hashBytes) || saltBytes < 8 || hashBytes < 16) return false;
        (salt, hash) = (salt[..saltBytes], hash[..hashBytes]);
        return true;
    }
}
