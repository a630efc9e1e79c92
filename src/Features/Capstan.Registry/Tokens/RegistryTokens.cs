using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Capstan.Oci.References;

namespace Capstan.Registry.Tokens;

/// <summary>What a token of the token flow opens, and by whose credential.</summary>
/// <param name="Authorization">The header by which it was asked for; empty for nobody's. It is looked at again each time: a token ends with the credential.</param>
/// <param name="Scopes">What it opens.</param>
internal sealed record RegistryGrant(string Authorization, IReadOnlySet<(string Name, RegistryAction Action)> Scopes)
{
    public bool Opens(ImageName name, RegistryAction action) => Scopes.Contains((name.Text, action));

    /// <inheritdoc/>
    public override string ToString() => $"RegistryGrant of {Scopes.Count} scopes";
}

/// <summary>
/// The tokens of the token flow: short-lived, for stated repositories and actions. They are no JWTs, so that there is no algorithm or key for a
/// sender to choose: they are sealed by a key that lives as long as the process. A client asks again after a restart.
/// </summary>
internal sealed class RegistryTokens(TimeProvider time) : IDisposable
{
    public const string Prefix = "capr_";
    private const int LongestToken = 16 * 1024;
    private const int NonceBytes = 12;
    private const int SealBytes = 16;
    private readonly AesGcm _key = new(RandomNumberGenerator.GetBytes(32), SealBytes);

    public string Issue(RegistryGrant grant, TimeSpan lifetime)
    {
        var text = new StringBuilder().Append(CultureInfo.InvariantCulture, $"{time.GetUtcNow().Add(lifetime).ToUnixTimeSeconds()}\n{grant.Authorization}");
        foreach (var (name, action) in grant.Scopes) text.Append(CultureInfo.InvariantCulture, $"\n{action.Word()} {name}");
        var plain = Encoding.UTF8.GetBytes(text.ToString());
        var token = new byte[NonceBytes + SealBytes + plain.Length];
        RandomNumberGenerator.Fill(token.AsSpan(0, NonceBytes));
        _key.Encrypt(token.AsSpan(0, NonceBytes), plain, token.AsSpan(NonceBytes + SealBytes), token.AsSpan(NonceBytes, SealBytes));
        return Prefix + Base64Url.EncodeToString(token);
    }

    /// <summary>Reads a token; null when it is none of ours, changed, or no longer valid.</summary>
    public RegistryGrant? Read(string token)
    {
        if (token.Length > LongestToken || !token.StartsWith(Prefix, StringComparison.Ordinal) || !Base64Url.IsValid(token.AsSpan(Prefix.Length))) return null;
        var bytes = Base64Url.DecodeFromChars(token.AsSpan(Prefix.Length));
        if (bytes.Length <= NonceBytes + SealBytes) return null;
        var plain = new byte[bytes.Length - NonceBytes - SealBytes];
        try
        {
            _key.Decrypt(bytes.AsSpan(0, NonceBytes), bytes.AsSpan(NonceBytes + SealBytes), bytes.AsSpan(NonceBytes, SealBytes), plain);
        }
        catch (AuthenticationTagMismatchException)
        {
            return null;
        }

        var lines = Encoding.UTF8.GetString(plain).Split('\n');
        if (long.Parse(lines[0], CultureInfo.InvariantCulture) <= time.GetUtcNow().ToUnixTimeSeconds()) return null;
        var scopes = lines.Skip(2).Select(l => l.Split(' ')).Select(p => (p[1], Enum.Parse<RegistryAction>(p[0], ignoreCase: true)));
        return new RegistryGrant(lines[1], scopes.ToHashSet());
    }

    /// <inheritdoc/>
    public void Dispose() => _key.Dispose();
}
