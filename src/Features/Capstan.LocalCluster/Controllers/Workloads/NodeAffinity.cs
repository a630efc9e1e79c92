using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.LocalCluster.Controllers.Workloads;

/// <summary>Whether a pod's required node affinity admits a node: one of its terms must hold, and in it every expression.</summary>
internal static class NodeAffinity
{
    public static bool Admits(YamlMap podSpec, KubernetesObject node)
    {
        if (podSpec.At("affinity", "nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution", "nodeSelectorTerms") is not YamlList terms)
        {
            return true;
        }

        return terms.OfType<YamlMap>().Any(t =>
            Expressions(t, "matchExpressions").All(e => Holds(e, node.Label(e.Text("key"))))
            && Expressions(t, "matchFields").All(e => Holds(e, e.Text("key") == "metadata.name" ? node.Name : null)));
    }

    private static IEnumerable<YamlMap> Expressions(YamlMap term, string field) => (term[field] as YamlList ?? YamlList.Empty).OfType<YamlMap>();

    private static bool Holds(YamlMap expression, string? value)
    {
        var values = (expression["values"] as YamlList ?? YamlList.Empty).Select(v => v.AsString() ?? "").ToList();
        return expression.Text("operator") switch
        {
            "In" => value is not null && values.Contains(value),
            "NotIn" => value is null || !values.Contains(value),
            "Exists" => value is not null,
            "DoesNotExist" => value is null,
            "Gt" => Compare(value, values) > 0,
            "Lt" => Compare(value, values) < 0,
            _ => false,
        };
    }

    // Zero, which is neither, where one of the two is no number.
    private static int Compare(string? value, List<string> values) =>
        long.TryParse(value, out var left) && values.Count == 1 && long.TryParse(values[0], out var right) ? left.CompareTo(right) : 0;
}
