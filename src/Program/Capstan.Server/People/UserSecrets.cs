using System.Text;
using Capstan.Access.Rights;
using Capstan.Access.SignIn;
using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.Server.People;

/// <summary>A local user as a Secret of the namespace <c>capstan</c>.</summary>
internal static class UserSecrets
{
    public const string Label = "capstan.dev/user";

    public static string NameOf(string name) => $"user-{name}";

    public static KubernetesObject Write(LocalUser user) => new(YamlMap.Of(
        ("apiVersion", "v1"),
        ("kind", "Secret"),
        ("type", "capstan.dev/user"),
        ("metadata", YamlMap.Of(("name", NameOf(user.Name)), ("namespace", TokenSecrets.Namespace), ("labels", YamlMap.Of((Label, ""))))),
        ("data", YamlMap.Of(("password", TokenSecrets.Encode(user.PasswordHash)), ("groups", TokenSecrets.Encode(string.Join('\n', user.Groups)))))));

    /// <returns>Null for a Secret that is no user of ours.</returns>
    public static LocalUser? Read(KubernetesObject secret)
    {
        string? Text(string key) => TokenSecrets.Decode(secret.Body.At("data", key)?.AsString()) is { } bytes ? Encoding.UTF8.GetString(bytes) : null;
        if (!secret.Name.StartsWith("user-", StringComparison.Ordinal) || !Principal.IsFitName(secret.Name["user-".Length..]) || Text("password") is not { } hash) return null;
        var groups = (Text("groups") ?? "").Split('\n', StringSplitOptions.RemoveEmptyEntries);
        return groups.All(Principal.IsFitName) ? new LocalUser(secret.Name["user-".Length..], groups, hash) : null;
    }
}
