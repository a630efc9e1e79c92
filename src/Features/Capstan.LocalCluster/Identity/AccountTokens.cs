using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Capstan.LocalCluster.ApiServer.Objects;
using Capstan.Yaml;

namespace Capstan.LocalCluster.Identity;

/// <summary>What a service account's token says, after its signature and its times were found good.</summary>
internal sealed record AccountClaims(
    string Namespace, string Account, string AccountUid, string Pod, string PodUid, string Secret, string SecretUid, IReadOnlyList<string> Audiences);

/// <summary>Makes and reads the tokens of service accounts: JSON web tokens (RFC 7519) signed with ES256, in the form of kube-apiserver's.</summary>
internal sealed class AccountTokens : IDisposable
{
    /// <summary>Who issues them, and whom they are for when nothing else is asked.</summary>
    public const string Issuer = "https://kubernetes.default.svc.cluster.local";

    private const string LegacyIssuer = "kubernetes/serviceaccount";
    private const string LegacyPrefix = "kubernetes.io/serviceaccount/";
    private const int MostBytes = 16 * 1024;

    private readonly ECDsa _key;
    private readonly string _keyId;
    private readonly Lock _gate = new();

    private AccountTokens(ECDsa key)
    {
        _key = key;
        _keyId = Base64Url.EncodeToString(SHA256.HashData(key.ExportSubjectPublicKeyInfo()));
    }

    /// <summary>Reads the signing key, or makes it at the first start.</summary>
    public static AccountTokens LoadOrCreate(string file)
    {
        if (!File.Exists(file))
        {
            using var fresh = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            SecretFiles.Write(file, fresh.ExportPkcs8PrivateKeyPem() + "\n");
        }

        var key = ECDsa.Create();
        key.ImportFromPem(File.ReadAllText(file));
        return new AccountTokens(key);
    }

    /// <summary>A token that ends.</summary>
    /// <param name="space">The account's namespace.</param>
    /// <param name="account">The account: its name and uid.</param>
    /// <param name="bound">The object with which it ends too: <c>pod</c> or <c>secret</c>, its name and uid; null for none.</param>
    /// <param name="audiences">For whom it is.</param>
    /// <param name="from">From when it counts.</param>
    /// <param name="until">When it ends.</param>
    public string Issue(
        string space, (string Name, string Uid) account, (string Kind, string Name, string Uid)? bound, IReadOnlyList<string> audiences, DateTimeOffset from, DateTimeOffset until)
    {
        var about = YamlMap.Of(("namespace", space), ("serviceaccount", YamlMap.Of(("name", account.Name), ("uid", account.Uid))));
        about = bound is { } to ? about.With(to.Kind, YamlMap.Of(("name", to.Name), ("uid", to.Uid))) : about;
        return Sign(YamlMap.Of(
            ("aud", new YamlList(audiences.Select(a => (YamlNode)a))),
            ("exp", until.ToUnixTimeSeconds()),
            ("iat", from.ToUnixTimeSeconds()),
            ("iss", Issuer),
            ("jti", Guid.NewGuid().ToString()),
            ("kubernetes.io", about),
            ("nbf", from.ToUnixTimeSeconds()),
            ("sub", $"system:serviceaccount:{space}:{account.Name}")));
    }

    /// <summary>A token for a Secret, which ends with the Secret.</summary>
    public string Legacy(string space, string name, string uid, string secret) => Sign(YamlMap.Of(
        ("iss", LegacyIssuer),
        (LegacyPrefix + "namespace", space),
        (LegacyPrefix + "secret.name", secret),
        (LegacyPrefix + "service-account.name", name),
        (LegacyPrefix + "service-account.uid", uid),
        ("sub", $"system:serviceaccount:{space}:{name}")));

    /// <summary>The claims of a token; null for one that is not ours, not yet or no more good.</summary>
    public AccountClaims? Read(string token, DateTimeOffset now)
    {
        if (token.Length > MostBytes || token.Split('.') is not [var header, var payload, var signature] || !IsSigned(header, payload, signature) || Decode(payload) is not { } claims)
        {
            return null;
        }

        var seconds = now.ToUnixTimeSeconds();
        if (claims.Number("exp") is { } end && end <= seconds || claims.Number("nbf") is { } start && start > seconds + 60)
        {
            return null;
        }

        if (claims.Text("iss") == LegacyIssuer)
        {
            return new AccountClaims(claims.Text(LegacyPrefix + "namespace"), claims.Text(LegacyPrefix + "service-account.name"),
                claims.Text(LegacyPrefix + "service-account.uid"), "", "", claims.Text(LegacyPrefix + "secret.name"), "", []);
        }

        var about = claims.MapAt("kubernetes.io");
        var audiences = (claims["aud"] as YamlList ?? YamlList.Empty).Select(a => a.AsString() ?? "").ToList();
        return claims.Text("iss") != Issuer || audiences.Count == 0 ? null : new AccountClaims(about.Text("namespace"), about.Text("serviceaccount", "name"), about.Text("serviceaccount", "uid"),
            about.Text("pod", "name"), about.Text("pod", "uid"), about.Text("secret", "name"), about.Text("secret", "uid"), audiences);
    }

    /// <summary>The public key, as a JSON web key set (RFC 7517).</summary>
    public YamlMap KeySet()
    {
        var point = _key.ExportParameters(false).Q;
        return YamlMap.Of(("keys", YamlList.Create([YamlMap.Of(
            ("use", "sig"), ("kty", "EC"), ("kid", _keyId), ("crv", "P-256"), ("alg", "ES256"),
            ("x", Base64Url.EncodeToString(point.X)), ("y", Base64Url.EncodeToString(point.Y)))])));
    }

    public void Dispose() => _key.Dispose();

    private string Sign(YamlMap claims)
    {
        var header = Base64Url.EncodeToString(JsonText.WriteBytes(YamlMap.Of(("alg", "ES256"), ("kid", _keyId))));
        var signed = $"{header}.{Base64Url.EncodeToString(JsonText.WriteBytes(claims))}";
        lock (_gate)
        {
            return string.Create(CultureInfo.InvariantCulture, $"{signed}.{Base64Url.EncodeToString(_key.SignData(Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256))}");
        }
    }

    private bool IsSigned(string header, string payload, string signature)
    {
        // The algorithm is ours and never the token's choice.
        if (Decode(header)?.Text("alg") != "ES256" || Bytes(signature) is not { } bytes)
        {
            return false;
        }

        lock (_gate)
        {
            return _key.VerifyData(Encoding.ASCII.GetBytes($"{header}.{payload}"), bytes, HashAlgorithmName.SHA256);
        }
    }

    private static YamlMap? Decode(string part)
    {
        try
        {
            return Bytes(part) is { } bytes ? JsonText.Read(bytes) as YamlMap : null;
        }
        catch (YamlException)
        {
            return null;
        }
    }

    private static byte[]? Bytes(string part)
    {
        try
        {
            return Base64Url.DecodeFromChars(part);
        }
        catch (FormatException)
        {
            return null;
        }
    }
}
