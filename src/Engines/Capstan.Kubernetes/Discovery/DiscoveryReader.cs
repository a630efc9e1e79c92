using Capstan.Yaml;

namespace Capstan.Kubernetes;

/// <summary>Reads discovery documents: the aggregated ones of Kubernetes 1.26 and newer, and the ones before.</summary>
internal static class DiscoveryReader
{
    /// <summary>Whether a document is aggregated.</summary>
    public static bool IsAggregated(YamlMap document) => document["kind"]?.AsString() == "APIGroupDiscoveryList";

    /// <summary>Reads an APIGroupDiscoveryList.</summary>
    public static void ReadAggregated(YamlMap document, List<ApiResource> resources, List<DiscoveryFailure> failures)
    {
        foreach (var group in Maps(document["items"]))
        {
            var name = group.At("metadata", "name")?.AsString() ?? "";
            foreach (var version in Maps(group["versions"]))
            {
                var versionName = Text(version, "version");
                if (Text(version, "freshness") == "Stale")
                {
                    failures.Add(new DiscoveryFailure(name, versionName, "the server behind this API does not answer (discovery is stale)"));
                }

                resources.AddRange(Maps(version["resources"]).Select(resource => Aggregated(name, versionName, resource)).OfType<ApiResource>());
            }
        }
    }

    /// <summary>The versions that <c>/api</c> lists.</summary>
    public static IEnumerable<string> CoreVersions(YamlMap document) => Texts(document["versions"]);

    /// <summary>Groups with their versions as <c>/apis</c> lists them, the preferred version first.</summary>
    public static IEnumerable<(string Group, string Version)> GroupVersions(YamlMap document)
    {
        foreach (var group in Maps(document["groups"]))
        {
            var name = Text(group, "name");
            var preferred = group.At("preferredVersion", "version")?.AsString() ?? "";
            var versions = Maps(group["versions"]).Select(v => Text(v, "version"));
            foreach (var version in versions.OrderBy(v => v == preferred ? 0 : 1))
            {
                yield return (name, version);
            }
        }
    }

    /// <summary>Reads an APIResourceList.</summary>
    public static IEnumerable<ApiResource> ReadList(string group, string version, YamlMap document)
    {
        var all = Maps(document["resources"]).ToList();
        foreach (var resource in all.Where(r => !Text(r, "name").Contains('/', StringComparison.Ordinal)))
        {
            var plural = Text(resource, "name");
            yield return new ApiResource(new(group, version, Text(resource, "kind")), plural, resource["namespaced"]?.Equals(YamlScalar.True) == true, Verbs(resource))
            {
                Singular = Text(resource, "singularName"),
                ShortNames = [.. Texts(resource["shortNames"])],
                Subresources = [.. all.Select(r => Text(r, "name")).Where(n => n.StartsWith(plural + "/", StringComparison.Ordinal)).Select(n => n[(plural.Length + 1)..])],
            };
        }
    }

    private static ApiResource? Aggregated(string group, string version, YamlMap resource)
    {
        var kind = resource.At("responseKind", "kind")?.AsString() ?? "";

        // A custom resource whose schema is broken is announced without a kind.
        return kind.Length == 0 ? null : new ApiResource(new(group, version, kind), Text(resource, "resource"), Text(resource, "scope") == "Namespaced", Verbs(resource))
        {
            Singular = Text(resource, "singularResource"),
            ShortNames = [.. Texts(resource["shortNames"])],
            Subresources = [.. Maps(resource["subresources"]).Select(s => Text(s, "subresource"))],
        };
    }

    private static ResourceVerbs Verbs(YamlMap resource)
    {
        var verbs = ResourceVerbs.None;
        foreach (var verb in Texts(resource["verbs"]))
        {
            verbs |= verb switch
            {
                "get" => ResourceVerbs.Get,
                "list" => ResourceVerbs.List,
                "watch" => ResourceVerbs.Watch,
                "create" => ResourceVerbs.Create,
                "update" => ResourceVerbs.Update,
                "patch" => ResourceVerbs.Patch,
                "delete" => ResourceVerbs.Delete,
                "deletecollection" => ResourceVerbs.DeleteCollection,
                _ => ResourceVerbs.None,
            };
        }

        return verbs;
    }

    private static IEnumerable<YamlMap> Maps(YamlNode? list) => (list as YamlList ?? YamlList.Empty).OfType<YamlMap>();

    private static IEnumerable<string> Texts(YamlNode? list) => (list as YamlList ?? YamlList.Empty).Select(t => t.AsString()).OfType<string>();

    private static string Text(YamlMap map, string key) => map[key]?.AsString() ?? "";
}
