using Capstan.Delivery.Applications;
using Capstan.Delivery.Pausing;
using Capstan.Delivery.Projects.Windows;
using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.Delivery.Projects;

/// <summary>Reads projects. It never throws; a restriction that is not served is a problem, since to pass it over would be to lift it.</summary>
internal static class ProjectReader
{
    // Rights of people and what is only shown restrict no Application.
    private static readonly string[] NoRestriction = ["description", "roles", "status"];

    public static AppProject Read(KubernetesObject @object)
    {
        var problems = new List<string>();
        var spec = new FieldReader(@object.Spec, "spec", problems);
        foreach (var field in NoRestriction)
        {
            spec.Ignore(field);
        }

        // Without an entry these restrict nothing.
        foreach (var field in (string[])["destinationServiceAccounts"])
        {
            if (spec.Items(field).Count > 0)
            {
                problems.Add($"spec.{field} is not supported yet");
            }
        }

        var project = new AppProject(@object.Name)
        {
            SourceRepositories = Patterns(spec, "sourceRepos", problems),
            SourceNamespaces = Patterns(spec, "sourceNamespaces", problems),
            Destinations = [.. spec.Items("destinations").OfType<YamlMap>().Select(d => Destination(d, problems)).OfType<ProjectDestination>()],
            ClusterAllowed = Kinds(spec, "clusterResourceWhitelist", problems),
            ClusterRefused = Kinds(spec, "clusterResourceBlacklist", problems),
            NamespacedAllowed = spec.Map["namespaceResourceWhitelist"] is YamlList ? Kinds(spec, "namespaceResourceWhitelist", problems) : null,
            NamespacedRefused = Kinds(spec, "namespaceResourceBlacklist", problems),
            SignatureKeys = SignatureKeys(spec),
            OnlyOwnClusters = spec.Flag("permitOnlyProjectScopedClusters"),
            Orphans = Orphans(spec, problems),
            Windows = SyncWindowReader.Read(spec, problems),
            Pause = Pause.Of(@object, $"project {@object.Name}"),
            Problems = problems,
        };
        spec.Ignore("namespaceResourceWhitelist");
        spec.RefuseTheRest();
        return project;
    }

    // What an entry leaves out is any; in Argo CD the condition is the default.
    private static OrphanRules? Orphans(FieldReader spec, List<string> problems)
    {
        if (spec.Map["orphanedResources"] is not YamlMap map)
        {
            spec.Ignore("orphanedResources");
            return null;
        }

        var orphans = spec.Inner("orphanedResources")!;
        ProjectPattern? Part(YamlMap entry, string field) =>
            Pattern(entry[field]?.AsString() is { Length: > 0 } text ? text : "*", $"spec.orphanedResources.ignore.{field}", problems);
        var ignored = orphans.Items("ignore").OfType<YamlMap>().Select(e => (Group: Part(e, "group"), Kind: Part(e, "kind"), Name: Part(e, "name")))
            .Where(e => e.Group is not null && e.Kind is not null).Select(e => new ProjectKind(e.Group!, e.Kind!, e.Name)).ToList();
        return new OrphanRules(map["warn"] is null or { IsNull: true } || orphans.Flag("warn"), ignored);
    }

    private static List<string> SignatureKeys(FieldReader spec)
    {
        var keys = new List<string>();
        foreach (var item in spec.Items("signatureKeys"))
        {
            var id = (item as YamlMap)?["keyID"]?.AsString() ?? "";
            if (!SourceSignatures.IsKeyId(id))
            {
                spec.Problem($"spec.signatureKeys: \"{id}\" is no key id: 16 to 40 hexadecimal digits of a GnuPG key, or SHA256:… of an SSH key");
            }

            keys.Add(id);
        }

        return keys;
    }

    private static List<ProjectPattern> Patterns(FieldReader spec, string field, List<string> problems) =>
        [.. spec.Items(field).Select(i => Pattern(i.AsString() ?? i.ToString(), $"spec.{field}", problems)).OfType<ProjectPattern>()];

    private static List<ProjectKind> Kinds(FieldReader spec, string field, List<string> problems) =>
        [.. spec.Items(field).OfType<YamlMap>().Select(k =>
        {
            var group = Pattern(k["group"]?.AsString() ?? "", $"spec.{field}.group", problems);
            var kind = Pattern(k["kind"]?.AsString() ?? "", $"spec.{field}.kind", problems);
            var name = k["name"]?.AsString() is { Length: > 0 } text ? Pattern(text, $"spec.{field}.name", problems) : null;
            return group is null || kind is null ? null : new ProjectKind(group, kind, name);
        }).OfType<ProjectKind>()];

    private static ProjectDestination? Destination(YamlMap map, List<string> problems)
    {
        ProjectPattern? Part(string field) => map[field]?.AsString() is { Length: > 0 } text ? Pattern(text, $"spec.destinations.{field}", problems) : null;
        var space = Pattern(map["namespace"]?.AsString() ?? "", "spec.destinations.namespace", problems);
        var (server, name) = (Part("server"), Part("name"));
        return space is null || (server is null && name is null) ? null : new ProjectDestination(server, name, space);
    }

    internal static ProjectPattern? Pattern(string text, string field, List<string> problems)
    {
        if (!ProjectPattern.TryParse(text, out var pattern, out var problem))
        {
            problems.Add($"{field}: {problem}");
        }

        return pattern;
    }
}
