using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Capstan.Access.Rights;

namespace Capstan.Access.SignIn;

/// <summary>A public key of an OpenID provider. Its algorithm is part of it: what a token says of its algorithm never chooses how it is checked.</summary>
public sealed class ProviderKey : IDisposable
{
    private readonly RSA? _rsa;
    private readonly ECDsa? _ec;

    private ProviderKey(string id, string algorithm, RSA? rsa, ECDsa? ec) => (Id, Algorithm, _rsa, _ec) = (id, algorithm, rsa, ec);

    /// <summary>Its id.</summary>
    public string Id { get; }

    /// <summary><c>RS256</c> or <c>ES256</c>.</summary>
    public string Algorithm { get; }

    /// <summary>Reads a key of a JWK set; null for one that is not for signatures of these algorithms.</summary>
    public static ProviderKey? Read(JsonElement key)
    {
        string? Text(string name) => key.ValueKind == JsonValueKind.Object && key.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
        try
        {
            if (Text("use") is { } use && use != "sig") return null;
            switch (Text("kty"))
            {
                case "RSA" when Text("n") is { } n && Text("e") is { } e && Text("alg") is null or "RS256":
                    var rsa = RSA.Create(new RSAParameters { Modulus = Decode(Text("n")!), Exponent = Decode(Text("e")!) });
                    // Shorter ones have been broken.
                    return rsa.KeySize >= 2048 ? new ProviderKey(Text("kid") ?? "", "RS256", rsa, null) : null;
                case "EC" when Text("crv") == "P-256" && Text("x") is { } x && Text("y") is { } y && Text("alg") is null or "ES256":
                    var point = new ECPoint { X = Decode(Text("x")!), Y = Decode(Text("y")!) };
                    return new ProviderKey(Text("kid") ?? "", "ES256", null, ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, Q = point }));
                default:
                    return null;
            }
        }
        catch (Exception e) when (e is CryptographicException or FormatException or ArgumentException or InvalidOperationException)
        {
            // Half of a surrogate pair, which the library throws on, is no name of a key either.
            return null;
        }
    }

    internal bool Verify(byte[] data, byte[] signature) => _rsa is not null
        ? _rsa.VerifyData(data, signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
        : _ec!.VerifyData(data, signature, HashAlgorithmName.SHA256);

    /// <inheritdoc/>
    public void Dispose()
    {
        _rsa?.Dispose();
        _ec?.Dispose();
    }

    internal static byte[] Decode(string base64Url) => Base64Url.DecodeFromChars(base64Url);
}

/// <summary>What an id token has to say to be believed.</summary>
/// <param name="Issuer">Who issued it, exactly as the operator wrote it.</param>
/// <param name="ClientId">For whom.</param>
/// <param name="Nonce">The word that was sent along with this sign-in.</param>
/// <param name="UserClaim">The claim that names the person.</param>
/// <param name="GroupsClaim">The claim that lists the groups.</param>
public sealed record IdTokenRules(string Issuer, string ClientId, string Nonce, string UserClaim, string GroupsClaim);

/// <summary>Checks id tokens of OpenID Connect (Core 1.0, 3.1.3.7).</summary>
public static class IdTokens
{
    private const int Longest = 16 * 1024;
    private const int MostGroups = 500;
    private static readonly TimeSpan Skew = TimeSpan.FromMinutes(1);

    /// <summary>The person whom a token names; or why it is not believed.</summary>
    public static (Principal? Principal, string? Problem) Check(string token, IReadOnlyList<ProviderKey> keys, IdTokenRules rules, DateTimeOffset now)
    {
        if (token.Length > Longest) return (null, "it is too long");
        var parts = token.Split('.', 4);
        if (parts.Length != 3) return (null, "it has not three parts");
        try
        {
            using var header = JsonDocument.Parse(ProviderKey.Decode(parts[0]));
            var kid = Text(header.RootElement, "kid");
            var key = keys.FirstOrDefault(k => k.Id == kid) ?? (kid is null && keys.Count == 1 ? keys[0] : null);
            if (key is null) return (null, "its key is none of the provider's");
            if (Text(header.RootElement, "alg") != key.Algorithm) return (null, "its algorithm is not that of its key");
            if (header.RootElement.TryGetProperty("crit", out _)) return (null, "it asks for an extension that is not known");
            if (!key.Verify(Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}"), ProviderKey.Decode(parts[2]))) return (null, "its signature is not right");
            using var claims = JsonDocument.Parse(ProviderKey.Decode(parts[1]));
            return Claims(claims.RootElement, rules, now);
        }
        catch (Exception e) when (e is FormatException or JsonException or CryptographicException or InvalidOperationException)
        {
            return (null, "it cannot be read");
        }
    }

    private static (Principal? Principal, string? Problem) Claims(JsonElement claims, IdTokenRules rules, DateTimeOffset now)
    {
        if (claims.ValueKind != JsonValueKind.Object) return (null, "it holds no claims");
        // A name that stands there twice is read differently by different readers.
        if (claims.EnumerateObject().GroupBy(p => p.Name).Any(g => g.Count() > 1)) return (null, "a claim stands in it twice");
        if (Text(claims, "iss") != rules.Issuer) return (null, "its issuer is another");
        if (!IsFor(claims, rules.ClientId)) return (null, "it is for another client");
        if (!Time(claims, "exp", out var ends) || ends + Skew <= now) return (null, "it has ended");
        if (!Time(claims, "iat", out var issued) || issued - Skew > now) return (null, "it was issued in the future");
        if (claims.TryGetProperty("nbf", out _) && (!Time(claims, "nbf", out var begins) || begins - Skew > now)) return (null, "it does not hold yet");
        if (Text(claims, "nonce") is not { } nonce || !CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(nonce), Encoding.UTF8.GetBytes(rules.Nonce))) return (null, "it is not of this sign-in");
        if (rules.UserClaim == "email" && claims.TryGetProperty("email_verified", out var verified) && verified.ValueKind == JsonValueKind.False) return (null, "its address was never proven");
        if (Text(claims, rules.UserClaim) is not { } name || !Principal.IsFitName(name)) return (null, $"its claim {rules.UserClaim} names nobody");
        return (new Principal(PrincipalKind.User, Principal.OpenIdPrefix + name) { Groups = Groups(claims, rules.GroupsClaim) }, null);
    }

    private static IReadOnlyList<string> Groups(JsonElement claims, string name) => !claims.TryGetProperty(name, out var groups) || groups.ValueKind != JsonValueKind.Array ? [] :
    [
        .. groups.EnumerateArray().Where(g => g.ValueKind == JsonValueKind.String && Principal.IsFitName(g.GetString()!)).Take(MostGroups).Select(g => Principal.OpenIdPrefix + g.GetString()),
    ];

    private static bool IsFor(JsonElement claims, string client)
    {
        if (!claims.TryGetProperty("aud", out var audience)) return false;
        if (audience.ValueKind == JsonValueKind.String) return audience.GetString() == client;
        if (audience.ValueKind != JsonValueKind.Array || !audience.EnumerateArray().Any(a => a.ValueKind == JsonValueKind.String && a.GetString() == client)) return false;
        return audience.GetArrayLength() == 1 || Text(claims, "azp") == client;
    }

    private static bool Time(JsonElement claims, string name, out DateTimeOffset time)
    {
        time = default;
        if (!claims.TryGetProperty(name, out var value) || value.ValueKind != JsonValueKind.Number || !value.TryGetDouble(out var seconds) || seconds is < 0 or > 1e11) return false;
        time = DateTimeOffset.FromUnixTimeSeconds((long)seconds);
        return true;
    }

    private static string? Text(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
