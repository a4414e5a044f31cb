using System.Security.Cryptography;
using System.Text;
using Edge.Catalog.Users;

namespace Edge.Kafka.Security;

/// <summary>SCRAM-SHA-256 and -512 (RFC 5802, 7677): the password never crosses the wire. Without channel binding, as Kafka's.</summary>
internal sealed class SaslScram(UserStore users, bool isSha512) : ISaslServer
{
    private const int MaxMessage = 2048;
    private string _user = "", _clientFirstBare = "", _header = "", _serverFirst = "", _nonce = "";
    private ScramKeys? _keys;

    public ValueTask<SaslStep> NextAsync(ReadOnlyMemory<byte> message, CancellationToken cancellationToken)
    {
        if (message.Length > MaxMessage) return new(SaslStep.Failed("a SCRAM message is too long"));
        string text;
        try { text = new UTF8Encoding(false, true).GetString(message.Span); }
        catch (DecoderFallbackException) { return new(SaslStep.Failed("a SCRAM message is not UTF-8")); }
        return new(_keys is null ? First(text) : Final(text, _keys));
    }

    // n,[a=authzid],n=user,r=nonce[,extensions]
    private SaslStep First(string text)
    {
        string[] parts = text.Split(',');
        if (parts.Length < 4 || parts[0] is not ("n" or "y")) return SaslStep.Failed("the first SCRAM message is malformed, or asks for channel binding");
        if (parts[1].Length > 0 && !parts[1].StartsWith("a=", StringComparison.Ordinal)) return SaslStep.Failed("the first SCRAM message is malformed");
        if (!parts[2].StartsWith("n=", StringComparison.Ordinal) || !parts[3].StartsWith("r=", StringComparison.Ordinal) || parts[3].Length < 3) return SaslStep.Failed("the first SCRAM message is malformed");
        _user = Decode(parts[2][2..]);
        if (parts[1].Length > 0 && Decode(parts[1][2..]) != _user) return SaslStep.Failed($"'{SaslPlain.Printable(_user)}' asks to act as another user");
        _header = $"{parts[0]},{parts[1]},";
        _clientFirstBare = text[_header.Length..];
        _keys = users.ScramKeysOf(_user, isSha512);
        _nonce = parts[3][2..] + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(18));
        _serverFirst = $"r={_nonce},s={Convert.ToBase64String(_keys.Salt)},i={_keys.Iterations}";
        return SaslStep.Continue(Encoding.UTF8.GetBytes(_serverFirst));
    }

    // c=base64(header),r=nonce[,extensions],p=base64(proof)
    private SaslStep Final(string text, ScramKeys keys)
    {
        int proofAt = text.LastIndexOf(",p=", StringComparison.Ordinal);
        if (proofAt < 0) return SaslStep.Failed("the last SCRAM message is malformed");
        string withoutProof = text[..proofAt];
        string[] parts = withoutProof.Split(',');
        if (parts.Length < 2 || parts[0] != "c=" + Convert.ToBase64String(Encoding.UTF8.GetBytes(_header)) || parts[1] != "r=" + _nonce)
            return SaslStep.Failed("the last SCRAM message does not go with the first");
        byte[] proof = new byte[isSha512 ? 64 : 32];
        if (!Convert.TryFromBase64String(text[(proofAt + 3)..], proof, out int written) || written != proof.Length) return SaslStep.Failed("the SCRAM proof is malformed");
        byte[] transcript = Encoding.UTF8.GetBytes($"{_clientFirstBare},{_serverFirst},{withoutProof}");
        byte[] signature = Hmac(keys.StoredKey, transcript);
        for (int i = 0; i < proof.Length; i++) proof[i] ^= signature[i];
        byte[] storedKey = isSha512 ? SHA512.HashData(proof) : SHA256.HashData(proof);
        if (!CryptographicOperations.FixedTimeEquals(storedKey, keys.StoredKey)) return SaslStep.Failed($"user '{SaslPlain.Printable(_user)}' is unknown or the password is wrong");
        return SaslStep.Done(Encoding.UTF8.GetBytes("v=" + Convert.ToBase64String(Hmac(keys.ServerKey, transcript))), _user);
    }

    private byte[] Hmac(byte[] key, byte[] text) => isSha512 ? HMACSHA512.HashData(key, text) : HMACSHA256.HashData(key, text);

    private static string Decode(string name) => name.Replace("=2C", ",", StringComparison.Ordinal).Replace("=3D", "=", StringComparison.Ordinal);
}
