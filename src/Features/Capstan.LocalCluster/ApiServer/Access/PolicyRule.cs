using Capstan.LocalCluster.ApiServer.Objects;
using Capstan.Yaml;

namespace Capstan.LocalCluster.ApiServer.Access;

/// <summary>One rule of a role, and what it allows (k8s.io/kubernetes, plugin/pkg/auth/authorizer/rbac and component-helpers/auth/rbac/validation).</summary>
internal sealed record PolicyRule(IReadOnlyList<string> Verbs, IReadOnlyList<string> Groups, IReadOnlyList<string> Resources, IReadOnlyList<string> Names, IReadOnlyList<string> Paths)
{
    private const string All = "*";

    public static IReadOnlyList<PolicyRule> Of(YamlMap role) => [.. role.Maps("rules").Select(r =>
        new PolicyRule(Texts(r, "verbs"), Texts(r, "apiGroups"), Texts(r, "resources"), Texts(r, "resourceNames"), Texts(r, "nonResourceURLs")))];

    public bool Allows(AccessRequest request)
    {
        if (!Has(Verbs, request.Verb))
        {
            return false;
        }

        if (request.Path is { } path)
        {
            return Paths.Any(p => p == All || p == path || p.EndsWith('*') && path.StartsWith(p.TrimEnd('*'), StringComparison.Ordinal));
        }

        return Has(Groups, request.Group)
            && Resources.Any(r => r == All || r == request.Qualified || request.Subresource.Length > 0 && r == $"*/{request.Subresource}")
            && (Names.Count == 0 || request.Name.Length > 0 && Names.Contains(request.Name));
    }

    /// <summary>The rule taken apart into rules of one verb and one resource or path each.</summary>
    public IEnumerable<PolicyRule> Parts()
    {
        foreach (var verb in Verbs)
        {
            foreach (var path in Paths)
            {
                yield return new PolicyRule([verb], [], [], [], [path]);
            }

            foreach (var group in Groups)
            {
                foreach (var resource in Resources)
                {
                    foreach (var name in Names.DefaultIfEmpty(""))
                    {
                        yield return new PolicyRule([verb], [group], [resource], name.Length == 0 ? [] : [name], []);
                    }
                }
            }
        }
    }

    /// <summary>Whether everything that a part allows is allowed by this rule.</summary>
    public bool Covers(PolicyRule part)
    {
        if (!part.Verbs.All(v => Has(Verbs, v)))
        {
            return false;
        }

        if (part.Paths.Count > 0)
        {
            return part.Paths.All(wanted => Paths.Any(p => p == wanted || p.EndsWith('*') && wanted.StartsWith(p.TrimEnd('*'), StringComparison.Ordinal)));
        }

        return part.Groups.All(g => Has(Groups, g)) && part.Resources.All(CoversResource)
            && (Names.Count == 0 || part.Names.Count > 0 && part.Names.All(Names.Contains));
    }

    public YamlMap ToTree()
    {
        var tree = YamlMap.Of(("verbs", List(Verbs)));
        foreach (var (field, values) in new[] { ("apiGroups", Groups), ("resources", Resources), ("resourceNames", Names), ("nonResourceURLs", Paths) })
        {
            tree = values.Count == 0 ? tree : tree.With(field, List(values));
        }

        return tree;
    }

    /// <summary>As Kubernetes prints a rule in a refusal.</summary>
    public override string ToString()
    {
        var fields = new[] { ("APIGroups", Groups), ("Resources", Resources), ("ResourceNames", Names), ("NonResourceURLs", Paths), ("Verbs", Verbs) }
            .Where(f => f.Item2.Count > 0).Select(f => $"{f.Item1}:[{string.Join(", ", f.Item2.Select(v => $"\"{v}\""))}]");
        return $"{{{string.Join(", ", fields)}}}";
    }

    private static YamlList List(IReadOnlyList<string> values) => new(values.Select(v => (YamlNode)v));

    private static string[] Texts(YamlMap rule, string field) => [.. (rule[field] as YamlList ?? YamlList.Empty).Select(v => v.AsString() ?? "")];

    private static bool Has(IReadOnlyList<string> allowed, string wanted) => allowed.Contains(All) || allowed.Contains(wanted);

    private bool CoversResource(string wanted)
    {
        var slash = wanted.IndexOf('/', StringComparison.Ordinal);
        return Has(Resources, wanted) || slash >= 0 && Resources.Contains("*" + wanted[slash..]);
    }
}
