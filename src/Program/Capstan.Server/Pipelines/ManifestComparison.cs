using System.Globalization;
using System.Runtime.CompilerServices;
using Capstan.Api.Pipelines;
using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.Server.Pipelines;

/// <summary>What two sets of manifests differ in, as two stages do that are meant to be alike: object by object, field by field.</summary>
internal static class ManifestComparison
{
    private const int MostFields = 200;
    private const string Tracking = "argocd.argoproj.io/tracking-id";

    /// <summary>Compares. Objects are the same by kind and name; their namespaces, and what tells which application they belong to, are not looked at.</summary>
    /// <param name="from">The one set.</param>
    /// <param name="to">The other.</param>
    /// <param name="fromStage">What the one is called.</param>
    /// <param name="toStage">What the other is called.</param>
    /// <returns>Those that differ, by name; and how many do not.</returns>
    public static (IReadOnlyList<ComparedObject> Differing, int Same) Of(IEnumerable<KubernetesObject> from, IEnumerable<KubernetesObject> to, string fromStage, string toStage)
    {
        var (one, other) = (ByName(from), ByName(to));
        var differing = new List<ComparedObject>();
        var same = 0;
        foreach (var name in one.Keys.Union(other.Keys).Order(StringComparer.Ordinal))
        {
            if (!one.TryGetValue(name, out var a)) differing.Add(new ComparedObject(name, toStage, []));
            else if (!other.TryGetValue(name, out var b)) differing.Add(new ComparedObject(name, fromStage, []));
            else if (Fields(a, b) is { Count: > 0 } fields) differing.Add(new ComparedObject(name, null, fields));
            else same++;
        }

        return (differing, same);
    }

    private static SortedDictionary<string, KubernetesObject> ByName(IEnumerable<KubernetesObject> objects)
    {
        var found = new SortedDictionary<string, KubernetesObject>(StringComparer.Ordinal);
        foreach (var item in objects)
        {
            // The same name in two namespaces of a stage: the second goes by its namespace too.
            if (!found.TryAdd($"{item.Kind}/{item.Name}", item)) found[$"{item.Kind}/{item.Namespace}/{item.Name}"] = item;
        }

        return found;
    }

    private static List<ComparedField> Fields(KubernetesObject from, KubernetesObject to)
    {
        // A Secret's values are hidden on both sides, and marked where they differ.
        var (one, other) = (Leaves(from, null), Leaves(to, from));
        return [.. one.Keys.Union(other.Keys).Where(p => one.GetValueOrDefault(p) != other.GetValueOrDefault(p)).Order(StringComparer.Ordinal).Take(MostFields)
            .Select(p => new ComparedField(p, one.GetValueOrDefault(p), other.GetValueOrDefault(p)))];
    }

    private static Dictionary<string, string> Leaves(KubernetesObject value, KubernetesObject? beside)
    {
        var shown = SecretMask.Apply(value, beside).Without("metadata", "namespace").Without("metadata", "annotations", Tracking).Without("status");
        var leaves = new Dictionary<string, string>(StringComparer.Ordinal);
        Walk(shown.Body, "", leaves);
        return leaves;
    }

    private static void Walk(YamlNode node, string path, Dictionary<string, string> leaves)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        switch (node)
        {
            case YamlMap { Count: > 0 } map:
                foreach (var (key, value) in map) Walk(value, $"{path}.{(key.Contains('.', StringComparison.Ordinal) ? $"[{key}]" : key)}", leaves);
                break;
            case YamlList { Count: > 0 } list:
                var named = list.All(i => i.AsMap()?["name"]?.AsString() is { Length: > 0 }) && list.DistinctBy(i => i.AsMap()!["name"]!.AsString()).Count() == list.Count;
                for (var i = 0; i < list.Count; i++) Walk(list[i], $"{path}[{(named ? "name=" + list[i].AsMap()!["name"]!.AsString() : i.ToString(CultureInfo.InvariantCulture))}]", leaves);
                break;
            default:
                leaves[path] = node.AsString() ?? node.ToString();
                break;
        }
    }
}
