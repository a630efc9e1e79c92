using Capstan.LocalCluster.ApiServer.Catalog;
using Capstan.Yaml;

namespace Capstan.LocalCluster.ApiServer.Objects;

/// <summary>Rules of roles and their bindings.</summary>
internal static class RoleValidation
{
    public static void Role(ServedResource resource, YamlMap tree, List<FieldProblem> problems)
    {
        var index = 0;
        foreach (var rule in tree.Maps("rules"))
        {
            var path = $"rules[{index++}]";
            if (IsEmpty(rule, "verbs"))
            {
                problems.Add(FieldProblem.Required($"{path}.verbs", "verbs must contain at least one value"));
            }

            if (!IsEmpty(rule, "nonResourceURLs"))
            {
                if (resource.Namespaced)
                {
                    problems.Add(FieldProblem.Invalid($"{path}.nonResourceURLs", rule["nonResourceURLs"], "namespaced rules cannot apply to non-resource URLs"));
                }

                continue;
            }

            foreach (var field in (ReadOnlySpan<string>)["apiGroups", "resources"])
            {
                if (IsEmpty(rule, field))
                {
                    problems.Add(FieldProblem.Required($"{path}.{field}", $"resource rules must supply at least one {(field == "resources" ? "resource" : "api group")}"));
                }
            }
        }
    }

    public static void Binding(ServedResource resource, YamlMap tree, YamlMap? live, List<FieldProblem> problems)
    {
        string[] kinds = resource.Namespaced ? ["Role", "ClusterRole"] : ["ClusterRole"];
        if (!kinds.Contains(tree.Text("roleRef", "kind")))
        {
            problems.Add(FieldProblem.Unsupported("roleRef.kind", tree.At("roleRef", "kind") ?? "", kinds));
        }

        if (tree.Text("roleRef", "apiGroup") is not "rbac.authorization.k8s.io")
        {
            problems.Add(FieldProblem.Unsupported("roleRef.apiGroup", tree.At("roleRef", "apiGroup") ?? "", "rbac.authorization.k8s.io"));
        }

        if (tree.Text("roleRef", "name").Length == 0)
        {
            problems.Add(FieldProblem.Required("roleRef.name"));
        }

        if (live?["roleRef"] is { } role && !role.Equals(tree["roleRef"]))
        {
            problems.Add(FieldProblem.Invalid("roleRef", tree["roleRef"], "cannot change roleRef"));
        }

        var index = 0;
        foreach (var subject in tree.Maps("subjects"))
        {
            var path = $"subjects[{index++}]";
            if (subject.Text("kind") is not ("User" or "Group" or "ServiceAccount"))
            {
                problems.Add(FieldProblem.Unsupported($"{path}.kind", subject["kind"] ?? "", "ServiceAccount", "User", "Group"));
            }

            if (subject.Text("name").Length == 0)
            {
                problems.Add(FieldProblem.Required($"{path}.name"));
            }

            if (!resource.Namespaced && subject.Text("kind") == "ServiceAccount" && subject.Text("namespace").Length == 0)
            {
                problems.Add(FieldProblem.Required($"{path}.namespace"));
            }
        }
    }

    private static bool IsEmpty(YamlMap rule, string field) => rule[field] is not YamlList { Count: > 0 };
}
