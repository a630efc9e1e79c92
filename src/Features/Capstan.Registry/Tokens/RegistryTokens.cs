using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Capstan.Access.Rights;
using Capstan.Oci.References;

namespace Capstan.Registry.Tokens;

/// <summary>Who holds a token of the token flow, and what it opens.</summary>
internal sealed record RegistryGrant(Principal Principal, IReadOnlySet<(string Name, RegistryAction Action)> Scopes)
{
    public bool Opens(ImageName name, RegistryAction action) => Scopes.Contains((name.Text, action));
}

/// <summary>
/// The tokens of the token flow: short-lived, for stated repositories and actions. They are no JWTs, so that there is no algorithm or key for a
/// sender to choose; the key lives as long as the process, and a client asks again after a restart.
/// </summary>
internal sealed class RegistryTokens(TimeProvider time)
{
    public const string Prefix = "capr_";
    private const int LongestToken = 8192;
    private readonly byte[] _key = RandomNumberGenerator.GetBytes(32);

    public string Issue(RegistryGrant grant, TimeSpan lifetime)
    {
        var text = new StringBuilder()
            .Append(CultureInfo.InvariantCulture, $"{time.GetUtcNow().Add(lifetime).ToUnixTimeSeconds()}\n{(int)grant.Principal.Kind}\n{grant.Principal.Name.ReplaceLineEndings(" ")}");
        foreach (var (name, action) in grant.Scopes) text.Append(CultureInfo.InvariantCulture, $"\n{action.Word()} {name}");
        var payload = Encoding.UTF8.GetBytes(text.ToString());
        return $"{Prefix}{Base64Url.EncodeToString(payload)}.{Base64Url.EncodeToString(HMACSHA256.HashData(_key, payload))}";
    }

    /// <summary>Reads a token; null when it is none of ours, changed, or no longer valid.</summary>
    public RegistryGrant? Read(string token)
    {
        if (token.Length > LongestToken || !token.StartsWith(Prefix, StringComparison.Ordinal) || token[Prefix.Length..].Split('.') is not [var body, var seal]
            || !Base64Url.IsValid(body) || !Base64Url.IsValid(seal))
        {
            return null;
        }

        var payload = Base64Url.DecodeFromChars(body);
        if (!CryptographicOperations.FixedTimeEquals(HMACSHA256.HashData(_key, payload), Base64Url.DecodeFromChars(seal))) return null;
        var lines = Encoding.UTF8.GetString(payload).Split('\n');
        if (long.Parse(lines[0], CultureInfo.InvariantCulture) <= time.GetUtcNow().ToUnixTimeSeconds()) return null;
        var scopes = lines.Skip(3).Select(l => l.Split(' ')).Select(p => (p[1], Enum.Parse<RegistryAction>(p[0], ignoreCase: true)));
        return new RegistryGrant(new Principal((PrincipalKind)int.Parse(lines[1], CultureInfo.InvariantCulture), lines[2]), scopes.ToHashSet());
    }
}
