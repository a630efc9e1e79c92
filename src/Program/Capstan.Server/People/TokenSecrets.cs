using System.Globalization;
using System.Text;
using Capstan.Access.Rights;
using Capstan.Access.Tokens;
using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.Server.People;

/// <summary>A token as a Secret of the namespace <c>capstan</c>. It holds the token's hash, never the token.</summary>
internal static class TokenSecrets
{
    public const string Label = "capstan.dev/token";
    public const string Namespace = "capstan";
    private const string TimeFormat = "yyyy-MM-ddTHH:mm:ssZ";

    public static string NameOf(string id) => $"token-{id}";

    public static KubernetesObject Write(AccessToken token)
    {
        var data = YamlMap.Of(
            ("name", Encode(token.Name)),
            ("owner", Encode(token.Owner.Name)),
            ("ownerKind", Encode(token.Owner.Kind.ToString())),
            ("ownerGroups", Encode(string.Join('\n', token.Owner.Groups))),
            ("hash", Convert.ToBase64String([.. token.Hash])),
            ("created", Encode(Time(token.CreatedAt))),
            ("expires", Encode(Time(token.ExpiresAt))));
        if (token.Scope is { } scope) data = data.With("scope", Encode(string.Join('\n', scope)));
        return new KubernetesObject(YamlMap.Of(
            ("apiVersion", "v1"),
            ("kind", "Secret"),
            ("type", "capstan.dev/token"),
            ("metadata", YamlMap.Of(("name", NameOf(token.Id)), ("namespace", Namespace), ("labels", YamlMap.Of((Label, ""))))),
            ("data", data)));
    }

    /// <returns>Null for a Secret that is no token of ours; such a one opens nothing.</returns>
    public static AccessToken? Read(KubernetesObject secret)
    {
        string? Text(string key) => Decode(secret.Body.At("data", key)?.AsString()) is { } bytes ? Encoding.UTF8.GetString(bytes) : null;
        if (!secret.Name.StartsWith("token-", StringComparison.Ordinal)
            || Text("name") is not { } name || Text("owner") is not { } owner || !Enum.TryParse<PrincipalKind>(Text("ownerKind"), out var kind)
            || kind is not (PrincipalKind.Administrator or PrincipalKind.User)
            || Decode(secret.Body.At("data", "hash")?.AsString()) is not { Length: 32 } hash
            || !TryTime(Text("created"), out var created) || !TryTime(Text("expires"), out var expires))
        {
            return null;
        }
        List<Grant>? scope = null;
        if (Text("scope") is { } written)
        {
            scope = [];
            foreach (var line in written.Split('\n'))
            {
                if (!Grant.TryParse(line, out var grant, out _)) return null;
                scope.Add(grant);
            }
        }
        var groups = Text("ownerGroups")?.Split('\n', StringSplitOptions.RemoveEmptyEntries) ?? [];
        return new AccessToken(secret.Name["token-".Length..], name, new Principal(kind, owner) { Groups = groups }, hash, created, expires) { Scope = scope };
    }

    public static string Encode(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    public static byte[]? Decode(string? base64)
    {
        if (base64 is null) return null;
        var bytes = new byte[base64.Length];
        return Convert.TryFromBase64String(base64, bytes, out var length) ? bytes[..length] : null;
    }

    public static string Time(DateTimeOffset time) => time.ToUniversalTime().ToString(TimeFormat, CultureInfo.InvariantCulture);

    private static bool TryTime(string? text, out DateTimeOffset time) =>
        DateTimeOffset.TryParseExact(text, TimeFormat, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out time);
}
