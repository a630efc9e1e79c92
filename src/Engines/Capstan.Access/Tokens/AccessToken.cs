using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Capstan.Access.Rights;
using Capstan.Access.Secrets;

namespace Capstan.Access.Tokens;

/// <summary>A token as it is kept: everything but the token itself.</summary>
/// <param name="Id">What the token begins with, by which it is found.</param>
/// <param name="Name">The name that people gave it.</param>
/// <param name="Owner">Whom it speaks for. What the owner loses, the token loses.</param>
/// <param name="Hash">SHA-256 of the token; it is random, so nothing slower is needed.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="ExpiresAt">When it ends.</param>
public sealed record AccessToken(string Id, string Name, Principal Owner, IReadOnlyList<byte> Hash, DateTimeOffset CreatedAt, DateTimeOffset ExpiresAt)
{
    private const string Prefix = "capt_";
    private const int IdLength = 16;
    private const int SecretBytes = 32;

    /// <summary>What it may do at most; null for all that its owner may.</summary>
    public IReadOnlyList<Grant>? Scope { get; init; }

    /// <summary>The principal that comes with it.</summary>
    public Principal Principal => Owner with { Scope = Scope, Token = Name, TokenId = Id };

    /// <summary>Makes one. The text is told to whoever asked for it, this once.</summary>
    public static (AccessToken Token, SecretText Text) Issue(string name, Principal owner, IReadOnlyList<Grant>? scope, DateTimeOffset now, TimeSpan lifetime)
    {
        var id = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(IdLength / 2));
        var text = $"{Prefix}{id}_{Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(SecretBytes))}";
        return (new AccessToken(id, name, owner with { Scope = null, Token = null, TokenId = null }, HashOf(text), now, now + lifetime) { Scope = scope }, new SecretText(text));
    }

    /// <summary>The id within a token's text; null when the text is none.</summary>
    public static string? IdOf(string text) =>
        text.StartsWith(Prefix, StringComparison.Ordinal) && text.Length > Prefix.Length + IdLength && text[Prefix.Length + IdLength] == '_'
            ? text.Substring(Prefix.Length, IdLength)
            : null;

    /// <summary>Whether a text is this token. The time taken does not depend on where they differ.</summary>
    public bool Matches(string text) => CryptographicOperations.FixedTimeEquals([.. Hash], HashOf(text));

    private static byte[] HashOf(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));
}
