using Capstan.Access.Rights;
using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.Server.People;

/// <summary>Reads objects of the kind AccessBinding. What is not understood gives nothing: a binding with a mistake in it binds nobody.</summary>
internal static class BindingReader
{
    public static readonly GroupKind Kind = new("capstan.dev", "AccessBinding");

    /// <returns>The binding, or what is wrong with the object.</returns>
    public static (AccessBinding? Binding, string? Problem) Read(KubernetesObject source)
    {
        try
        {
            RefuseUnknown(source.Spec, "spec", ["subjects", "rules"]);
            var subjects = Texts(source.Spec, "spec", "subjects");
            if (subjects.Count == 0) throw new BindingException("spec.subjects: is empty");
            foreach (var subject in subjects) CheckSubject(subject);
            var rules = source.Spec["rules"] as YamlList ?? throw new BindingException("spec.rules: is no list");
            return (new AccessBinding(source.Name, subjects, [.. rules.Select(Rule)]), null);
        }
        catch (BindingException e)
        {
            return (null, $"AccessBinding/{source.Namespace}/{source.Name}: {e.Message}");
        }
    }

    private static Grant Rule(YamlNode node, int index)
    {
        var at = $"spec.rules[{index}]";
        var map = node as YamlMap ?? throw new BindingException($"{at}: is no map");
        RefuseUnknown(map, at, ["verbs", "resources", "names"]);
        var (verbs, resources, names) = (Texts(map, at, "verbs"), Texts(map, at, "resources"), Texts(map, at, "names"));
        if (verbs.Count == 0 || resources.Count == 0) throw new BindingException($"{at}: needs verbs and resources; \"*\" means all");
        return Grant.TryParse($"{string.Join(',', verbs)}:{string.Join(',', resources)}", out var grant, out var problem)
            ? grant with { Names = names.Contains("*") ? [] : names.Count > 0 || map["names"] is null ? names : throw new BindingException($"{at}.names: is empty; leave it out to mean all") }
            : throw new BindingException($"{at}: {problem}");
    }

    private static void CheckSubject(string subject)
    {
        if (subject == AccessBinding.Everyone) return;
        var name = subject.StartsWith(AccessBinding.UserPrefix, StringComparison.Ordinal) ? subject[AccessBinding.UserPrefix.Length..]
            : subject.StartsWith(AccessBinding.GroupPrefix, StringComparison.Ordinal) ? subject[AccessBinding.GroupPrefix.Length..]
            : throw new BindingException($"spec.subjects: {subject}: write user:NAME, group:NAME or everyone");
        if (!Principal.IsFitName(name)) throw new BindingException($"spec.subjects: {subject}: is no name that anybody here can have");
        if (!name.StartsWith(Principal.LocalPrefix, StringComparison.Ordinal) && !name.StartsWith(Principal.OpenIdPrefix, StringComparison.Ordinal))
        {
            throw new BindingException($"spec.subjects: {subject}: names of people and groups begin with {Principal.LocalPrefix} or {Principal.OpenIdPrefix}");
        }
    }

    private static IReadOnlyList<string> Texts(YamlMap map, string at, string key) => map[key] switch
    {
        null => [],
        YamlList list => [.. list.Select(n => n.AsString() is { Length: > 0 } text ? text : throw new BindingException($"{at}.{key}: holds something else than text"))],
        _ => throw new BindingException($"{at}.{key}: is no list"),
    };

    private static void RefuseUnknown(YamlMap map, string at, string[] known)
    {
        foreach (var (key, _) in map)
        {
            if (!known.Contains(key)) throw new BindingException($"{at}.{key}: is not known; there are {string.Join(", ", known)}");
        }
    }

    private sealed class BindingException(string message) : Exception(message);
}
