using Capstan.LocalCluster.ApiServer.Catalog;
using Capstan.LocalCluster.ApiServer.Objects;
using Capstan.LocalCluster.Storage;
using Capstan.Yaml;

namespace Capstan.LocalCluster.ApiServer.Webhooks;

/// <summary>One webhook of a configuration: for which requests it is called, and how its failures count.</summary>
internal sealed class Webhook(YamlMap tree)
{
    public string Name => tree.Text("name");

    public YamlMap Client => tree.MapAt("clientConfig");

    public bool FailsClosed => tree.Text("failurePolicy") != "Ignore";

    public bool Reinvokes => tree.Text("reinvocationPolicy") == "IfNeeded";

    public bool HasSideEffects => tree.Text("sideEffects") is not ("None" or "NoneOnDryRun");

    public TimeSpan Timeout => TimeSpan.FromSeconds(Math.Clamp(tree.Number("timeoutSeconds") ?? 10, 1, 30));

    /// <summary>Whether it has conditions in CEL, which are not evaluated here.</summary>
    public bool HasMatchConditions => tree["matchConditions"] is YamlList { Count: > 0 };

    /// <summary>The version in which it wants to see an object of a resource; null when it is not to be called.</summary>
    public string? VersionFor(ServedResource resource, string version, string subresource, string operation)
    {
        if (Matches(resource, version, subresource, operation))
        {
            return version;
        }

        return tree.Text("matchPolicy") == "Exact" ? null : resource.Versions.FirstOrDefault(v => Matches(resource, v, subresource, operation));
    }

    /// <summary>Whether its selectors take an object, as it is or as it was.</summary>
    public bool Selects(YamlMap? now, YamlMap? before, string space, ServedResource resource, ObjectStore store)
    {
        var labels = resource.Qualified == "namespaces" ? (now ?? before)?.MapAt("metadata", "labels") ?? YamlMap.Empty
            : space.Length == 0 ? null : store.Get(new StoreKey("namespaces", "", space))?.Tree.MapAt("metadata", "labels") ?? YamlMap.Empty;
        return (labels is null || Selected(tree.MapAt("namespaceSelector"), labels))
            && (Selected(tree.MapAt("objectSelector"), now?.MapAt("metadata", "labels")) || Selected(tree.MapAt("objectSelector"), before?.MapAt("metadata", "labels")));
    }

    private static bool Selected(YamlMap selector, YamlMap? labels) => labels is not null && LabelSelector.OfController(selector)?.Matches(labels) == true || selector.Count == 0;

    private bool Matches(ServedResource resource, string version, string subresource, string operation) => tree.Maps("rules").Any(rule =>
        Has(rule, "operations", operation) && Has(rule, "apiGroups", resource.Group) && Has(rule, "apiVersions", version)
        && Scope(rule.Text("scope"), resource) && (rule["resources"] as YamlList ?? YamlList.Empty).Any(r => Names(r.AsString() ?? "", resource.Plural, subresource)));

    private static bool Scope(string scope, ServedResource resource) => scope is "" or "*" || scope == (resource.Namespaced ? "Namespaced" : "Cluster");

    // pods, pods/status, pods/*, */scale, * and */*
    private static bool Names(string rule, string plural, string subresource)
    {
        var parts = rule.Split('/', 2);
        return parts[0] is var first && (first == "*" || first == plural)
            && (parts.Length == 1 ? subresource.Length == 0 : parts[1] == "*" || parts[1] == subresource);
    }

    private static bool Has(YamlMap rule, string field, string wanted) =>
        (rule[field] as YamlList ?? YamlList.Empty).Any(v => v.AsString() is { } text && (text == "*" || text == wanted));
}
