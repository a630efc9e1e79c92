using Capstan.LocalCluster.ApiServer.Catalog;
using Capstan.LocalCluster.ApiServer.Objects;
using Capstan.LocalCluster.Storage;
using Capstan.Yaml;

namespace Capstan.LocalCluster.ApiServer.Webhooks;

/// <summary>Which requests a webhook or a policy is about: its rules and selectors.</summary>
/// <param name="tree">What has <c>matchPolicy</c>, <c>namespaceSelector</c> and <c>objectSelector</c>.</param>
/// <param name="rules">Where its rules are; without any it is about all requests when <paramref name="emptyIsAll"/>.</param>
/// <param name="emptyIsAll">Whether no rules mean all requests.</param>
internal sealed class RequestRules(YamlMap tree, string rules, bool emptyIsAll = false)
{
    /// <summary>The version in which an object of a resource is wanted; null when the request does not concern it.</summary>
    public string? VersionFor(AdmissionCall call)
    {
        var (resource, version) = (call.Target.Resource, call.Target.Version);
        if (tree.Maps("excludeResourceRules").Any(rule => Matches(rule, call, version))) return null;
        if (emptyIsAll && !tree.Maps(rules).Any() || tree.Maps(rules).Any(rule => Matches(rule, call, version))) return version;
        return tree.Text("matchPolicy") == "Exact" ? null : resource.Versions.FirstOrDefault(v => tree.Maps(rules).Any(rule => Matches(rule, call, v)));
    }

    /// <summary>Whether its selectors take an object, as it is or as it was.</summary>
    public bool Selects(AdmissionCall call, YamlMap? now, ObjectStore store)
    {
        var (before, space) = (call.Before, call.Target.Namespace);
        var labels = call.Target.Resource.Qualified == "namespaces" ? (now ?? before)?.MapAt("metadata", "labels") ?? YamlMap.Empty
            : space.Length == 0 ? null : store.Get(new StoreKey("namespaces", "", space))?.Tree.MapAt("metadata", "labels") ?? YamlMap.Empty;
        return (labels is null || Selected(tree.MapAt("namespaceSelector"), labels))
            && (Selected(tree.MapAt("objectSelector"), now?.MapAt("metadata", "labels")) || Selected(tree.MapAt("objectSelector"), before?.MapAt("metadata", "labels")));
    }

    private static bool Selected(YamlMap selector, YamlMap? labels) => labels is not null && LabelSelector.OfController(selector)?.Matches(labels) == true || selector.Count == 0;

    private static bool Matches(YamlMap rule, AdmissionCall call, string version)
    {
        var resource = call.Target.Resource;
        return Has(rule, "operations", call.Operation) && Has(rule, "apiGroups", resource.Group) && Has(rule, "apiVersions", version)
            && Scope(rule.Text("scope"), resource) && (rule["resources"] as YamlList ?? YamlList.Empty).Any(r => Names(r.AsString() ?? "", resource.Plural, call.Target.Subresource))
            && (rule["resourceNames"] is not YamlList { Count: > 0 } names || names.Any(n => n.AsString() == call.Target.Name));
    }

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
