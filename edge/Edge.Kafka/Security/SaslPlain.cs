using System.Text;
using Edge.Catalog.Users;

namespace Edge.Kafka.Security;

/// <summary>PLAIN (RFC 4616): the password itself, so only for encrypted or local connections.</summary>
internal sealed class SaslPlain(UserStore users) : ISaslServer
{
    public async ValueTask<SaslStep> NextAsync(ReadOnlyMemory<byte> message, CancellationToken cancellationToken)
    {
        int first = message.Span.IndexOf((byte)0);
        int second = first < 0 ? -1 : message.Span[(first + 1)..].IndexOf((byte)0);
        if (second < 0 || message.Length > 2048) return SaslStep.Failed("the message is not PLAIN's");
        string asked = Encoding.UTF8.GetString(message.Span[..first]), name = Encoding.UTF8.GetString(message.Span.Slice(first + 1, second));
        if (asked.Length > 0 && asked != name) return SaslStep.Failed($"'{Printable(name)}' asks to act as another user");
        ReadOnlyMemory<byte> password = message[(first + second + 2)..];
        (PasswordCheck check, CatalogUser? user) = await users.VerifyAsync(name, password, null, cancellationToken).ConfigureAwait(false);
        return check switch
        {
            PasswordCheck.Right => SaslStep.Done([], user!.Name),
            PasswordCheck.Wrong => SaslStep.Failed($"user '{Printable(name)}' is unknown or the password is wrong"),
            _ => SaslStep.Failed("too many log in at once"),
        };
    }

    /// <summary>A name as a stranger sent it, safe for a log line.</summary>
    public static string Printable(string name) => new([.. name.Take(64).Select(c => char.IsControl(c) ? '?' : c)]);
}
