using System.Globalization;
using Capstan.LocalCluster.ApiServer.Catalog;
using Capstan.LocalCluster.ApiServer.Objects;
using Capstan.LocalCluster.Storage;
using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.LocalCluster.ApiServer.Operations;

/// <summary>Deletes pods as far as their disruption budgets allow it, which is counted when it is asked.</summary>
internal sealed class PodEvictions(ObjectStore store, ResourceCatalog catalog, ObjectDeleter deleter)
{
    public Task<DeleteOutcome> EvictAsync(Target pod, DeleteOptions options, CancellationToken cancellation)
    {
        var live = store.Get(pod.Key)?.Tree ?? throw ApiErrors.NotFound(pod.Resource, pod.Name);

        // Who has ended already, or does not serve yet, disrupts nothing.
        if (live.At("metadata", "deletionTimestamp") is null && live.Text("status", "phase") is not ("Succeeded" or "Failed" or "Pending"))
        {
            CheckBudgets(pod, live);
        }

        return deleter.DeleteAsync(pod with { Subresource = "" }, options, cancellation);
    }

    private void CheckBudgets(Target pod, YamlMap live)
    {
        var budgets = store.Snapshot("poddisruptionbudgets.policy").Table.In(pod.Namespace)
            .Where(b => Selects(b.Tree, live.MapAt("metadata", "labels"))).ToList();
        if (budgets.Count > 1)
        {
            throw ApiErrors.Internal("This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.");
        }

        if (budgets.Count == 1 && Allowed(budgets[0].Tree, pod.Namespace) is var (allowed, desired, healthy) && allowed < (IsReady(live) ? 1 : 0))
        {
            var name = budgets[0].Key.Name;
            var message = string.Create(CultureInfo.InvariantCulture, $"The disruption budget {name} needs {desired} healthy pods and has {healthy} currently");
            var cause = YamlMap.Of(("reason", "DisruptionBudget"), ("message", message));

            // Without a Retry-After: a client library would wait and ask again by itself, and whoever drains a node could not say why.
            throw new ApiStatusException(429, ApiReasons.TooManyRequests, "Cannot evict pod as it would violate the pod's disruption budget.",
                YamlMap.Of(("causes", YamlList.Create([cause]))));
        }
    }

    private (long Allowed, long Desired, long Healthy) Allowed(YamlMap budget, string space)
    {
        var pods = store.Snapshot("pods").Table.In(space).Select(p => p.Tree)
            .Where(p => p.At("metadata", "deletionTimestamp") is null && Selects(budget, p.MapAt("metadata", "labels"))).ToList();
        var healthy = pods.Count(IsReady);
        var expected = Expected(pods, space);
        var desired = budget.At("spec", "maxUnavailable") is { } most
            ? Math.Max(0, expected - Count(most, expected))
            : Count(budget.At("spec", "minAvailable") ?? YamlScalar.Integer(1), expected);
        return (healthy - desired, desired, healthy);
    }

    // What the controllers of the pods want, so that a pod that is just being replaced still counts.
    private long Expected(List<YamlMap> pods, string space)
    {
        long expected = 0;
        foreach (var owner in pods.GroupBy(p => p.Maps("metadata", "ownerReferences").FirstOrDefault(o => o.IsTrue("controller")) ?? YamlMap.Empty))
        {
            var kind = GroupVersionKind.From(owner.Key.Text("apiVersion"), owner.Key.Text("kind")).GroupKind;
            var replicas = catalog.Find(kind) is { Scale: { } scale } resource
                ? store.Get(resource.Key(space, owner.Key.Text("name")))?.Tree.Number(scale.Replicas)
                : null;
            expected += replicas ?? owner.Count();
        }

        return expected;
    }

    private static bool Selects(YamlMap budget, YamlMap labels)
    {
        try
        {
            return budget.At("spec", "selector") is YamlMap selector && LabelSelector.From(selector).Matches(labels);
        }
        catch (FormatException)
        {
            // A selector that cannot be read protects nothing.
            return false;
        }
    }

    private static bool IsReady(YamlMap pod) => pod.Maps("status", "conditions").Any(c => c.Text("type") == "Ready" && c.Text("status") == "True");

    // Percentages are rounded up, as the disruption controller does.
    private static long Count(YamlNode wanted, long of)
    {
        var text = wanted.ToString().Trim('"');
        var percent = text.EndsWith('%');
        if (!long.TryParse(percent ? text[..^1] : text, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            return 0;
        }

        return percent ? (Math.Min(number, 100) * of + 99) / 100 : number;
    }
}
