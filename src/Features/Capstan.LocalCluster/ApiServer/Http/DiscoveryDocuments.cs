using Capstan.LocalCluster.ApiServer.Catalog;
using Capstan.Yaml;

namespace Capstan.LocalCluster.ApiServer.Http;

/// <summary>Tells clients what is served, in the old documents and in aggregated discovery.</summary>
internal sealed class DiscoveryDocuments(ResourceCatalog catalog)
{
    private static readonly YamlList AllVerbs = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];
    private static readonly YamlList CreateVerb = ["create"];
    private static readonly YamlList SubresourceVerbs = ["get", "patch", "update"];

    private static readonly string[] GroupOrder = ["apps", "batch", "autoscaling", "networking.k8s.io", "policy", "rbac.authorization.k8s.io"];

    public static YamlMap CoreVersions(string address) => YamlMap.Of(("kind", "APIVersions"), ("versions", YamlList.Create(["v1"])),
        ("serverAddressByClientCIDRs", YamlList.Create([YamlMap.Of(("clientCIDR", "0.0.0.0/0"), ("serverAddress", address))])));

    public YamlMap Groups() => YamlMap.Of(("kind", "APIGroupList"), ("apiVersion", "v1"), ("groups", new YamlList(NamedGroups().Select(GroupDocument))));

    public YamlMap? Group(string name) => NamedGroups().FirstOrDefault(g => g.Key == name) is { } group
        ? YamlMap.Of(("kind", "APIGroup"), ("apiVersion", "v1")).With("name", name).With("versions", GroupDocument(group)["versions"]!)
            .With("preferredVersion", GroupDocument(group)["preferredVersion"]!)
        : null;

    public YamlMap? Resources(string group, string version)
    {
        var served = catalog.All.Where(r => r.Group == group && r.Versions.Contains(version)).ToList();
        return served.Count == 0 ? null : YamlMap.Of(
            ("kind", "APIResourceList"), ("apiVersion", "v1"), ("groupVersion", served[0].ApiVersion(version)),
            ("resources", new YamlList(served.SelectMany(r => OldEntries(r)))));
    }

    public YamlMap Aggregated(bool core, string version)
    {
        var groups = core ? catalog.All.Where(r => r.Group.Length == 0).GroupBy(r => r.Group, StringComparer.Ordinal) : NamedGroups();
        return YamlMap.Of(("kind", "APIGroupDiscoveryList"), ("apiVersion", $"apidiscovery.k8s.io/{version}"), ("metadata", YamlMap.Empty),
            ("items", new YamlList(groups.Select(AggregatedGroup))));
    }

    private IEnumerable<IGrouping<string, ServedResource>> NamedGroups() => catalog.All.Where(r => r.Group.Length > 0)
        .GroupBy(r => r.Group, StringComparer.Ordinal)
        .OrderBy(g => Array.IndexOf(GroupOrder, g.Key) is >= 0 and var place ? place : g.Any(r => r.Custom is null) ? 100 : 200);

    private static List<string> VersionsOf(IGrouping<string, ServedResource> group) =>
        [.. group.SelectMany(r => r.Versions).Distinct(StringComparer.Ordinal).Order(CustomResources.VersionOrder.Instance)];

    private static YamlMap GroupDocument(IGrouping<string, ServedResource> group)
    {
        var versions = VersionsOf(group).Select(v => (YamlNode)YamlMap.Of(("groupVersion", $"{group.Key}/{v}"), ("version", v))).ToList();
        return YamlMap.Of(("name", group.Key), ("versions", new YamlList(versions)), ("preferredVersion", versions[0]));
    }

    private static IEnumerable<YamlNode> OldEntries(ServedResource resource)
    {
        var entry = YamlMap.Of(("name", resource.Plural), ("singularName", resource.Singular), ("namespaced", resource.Namespaced),
            ("kind", resource.Kind), ("verbs", resource.CreateOnly ? CreateVerb : AllVerbs));
        entry = resource.ShortNames.Count > 0 ? entry.With("shortNames", Texts(resource.ShortNames)) : entry;
        yield return resource.Categories.Count > 0 ? entry.With("categories", Texts(resource.Categories)) : entry;
        foreach (var (name, group, version, kind, verbs) in Subresources(resource))
        {
            var sub = YamlMap.Of(("name", $"{resource.Plural}/{name}"), ("singularName", ""), ("namespaced", resource.Namespaced),
                ("kind", kind), ("verbs", verbs));
            yield return version.Length > 0 ? sub.With("group", group).With("version", version) : sub;
        }
    }

    private static YamlMap AggregatedGroup(IGrouping<string, ServedResource> group) => YamlMap.Of(
        ("metadata", group.Key.Length == 0 ? YamlMap.Empty : YamlMap.Of(("name", group.Key))),
        ("versions", new YamlList(VersionsOf(group).Select(version => YamlMap.Of(
            ("version", version),
            ("resources", new YamlList(group.Where(r => r.Versions.Contains(version)).Select(r => AggregatedEntry(r, version)))),
            ("freshness", "Current"))))));

    private static YamlMap AggregatedEntry(ServedResource resource, string version)
    {
        var entry = YamlMap.Of(
            ("resource", resource.Plural),
            ("responseKind", Kind(resource.Group, version, resource.Kind)),
            ("scope", resource.Namespaced ? "Namespaced" : "Cluster"),
            ("singularResource", resource.Singular),
            ("verbs", resource.CreateOnly ? CreateVerb : AllVerbs));
        entry = resource.ShortNames.Count > 0 ? entry.With("shortNames", Texts(resource.ShortNames)) : entry;
        entry = resource.Categories.Count > 0 ? entry.With("categories", Texts(resource.Categories)) : entry;
        var subresources = Subresources(resource).Select(s => (YamlNode)YamlMap.Of(
            ("subresource", s.Name),
            ("responseKind", Kind(s.Version.Length > 0 ? s.Group : resource.Group, s.Version.Length > 0 ? s.Version : version, s.Kind)),
            ("verbs", s.Verbs))).ToList();
        return subresources.Count > 0 ? entry.With("subresources", new YamlList(subresources)) : entry;
    }

    private static IEnumerable<(string Name, string Group, string Version, string Kind, YamlList Verbs)> Subresources(ServedResource resource)
    {
        if (resource.HasStatus)
        {
            yield return ("status", "", "", resource.Kind, SubresourceVerbs);
        }

        if (resource.Scale is not null)
        {
            yield return ("scale", "autoscaling", "v1", "Scale", SubresourceVerbs);
        }

        if (resource.Qualified == "namespaces")
        {
            yield return ("finalize", "", "", "Namespace", ["update"]);
        }

        if (resource.Kind == "CertificateSigningRequest")
        {
            yield return ("approval", "", "", resource.Kind, SubresourceVerbs);
        }

        if (resource.Qualified == "serviceaccounts")
        {
            yield return ("token", "authentication.k8s.io", "v1", "TokenRequest", CreateVerb);
        }

        if (resource.Qualified == "pods")
        {
            yield return ("binding", "", "v1", "Binding", CreateVerb);
            yield return ("eviction", "policy", "v1", "Eviction", CreateVerb);
            yield return ("ephemeralcontainers", "", "v1", "Pod", SubresourceVerbs);
        }
    }

    private static YamlMap Kind(string group, string version, string kind) => YamlMap.Of(("group", group), ("kind", kind), ("version", version));

    private static YamlList Texts(IEnumerable<string> texts) => new(texts.Select(t => (YamlNode)t));
}
