using System.Globalization;
using Capstan.Helm.Charts;
using Capstan.Helm.Data;
using Capstan.Yaml;

namespace Capstan.Helm.Rendering;

/// <summary>One rendered document.</summary>
/// <param name="File">The template's path: <c>chart/templates/file.yaml</c>.</param>
/// <param name="Content">The document, trimmed.</param>
/// <param name="Kind">Its kind; empty when it has none.</param>
/// <param name="Object">The document as a tree.</param>
/// <param name="Hook">What makes it a hook; null for a plain manifest.</param>
public sealed record HelmManifest(string File, string Content, string Kind, YamlNode Object, HelmHook? Hook)
{
    /// <summary>Where the template lies, from the folder of the outermost chart: folders of subcharts by their own names, members of archives below the archive.</summary>
    public string Path { get; init; } = "";

    /// <summary>For each line of the content: where it came from. Empty unless the request asks for a source map.</summary>
    public IReadOnlyList<LineOrigin> Lines { get; init; } = [];
}

/// <summary>What Helm's annotations say of a hook.</summary>
/// <param name="Events">When it runs: <c>pre-install</c>, <c>test</c> …</param>
/// <param name="Weight">Hooks of one event run in the order of their weights.</param>
/// <param name="DeletePolicies">When it is deleted.</param>
public sealed record HelmHook(IReadOnlyList<string> Events, int Weight, IReadOnlyList<string> DeletePolicies);

/// <summary>Sorts what was rendered: hooks apart, and both in the order in which Helm installs kinds.</summary>
internal static class ManifestSorter
{
    private const string HookAnnotation = "helm.sh/hook";

    private static readonly string[] InstallOrder =
    [
        "PriorityClass", "Namespace", "NetworkPolicy", "ResourceQuota", "LimitRange", "PodSecurityPolicy", "PodDisruptionBudget",
        "ServiceAccount", "Secret", "SecretList", "ConfigMap", "StorageClass", "PersistentVolume", "PersistentVolumeClaim",
        "CustomResourceDefinition", "ClusterRole", "ClusterRoleList", "ClusterRoleBinding", "ClusterRoleBindingList", "Role", "RoleList",
        "RoleBinding", "RoleBindingList", "Service", "DaemonSet", "Pod", "ReplicationController", "ReplicaSet", "Deployment",
        "HorizontalPodAutoscaler", "StatefulSet", "Job", "CronJob", "IngressClass", "Ingress", "APIService",
        "MutatingWebhookConfiguration", "ValidatingWebhookConfiguration",
    ];

    private static readonly Dictionary<string, int> Rank =
        InstallOrder.Select(static (kind, i) => (kind, i)).ToDictionary(static p => p.kind, static p => p.i, StringComparer.Ordinal);

    private static readonly Dictionary<string, string> Events = new(StringComparer.Ordinal)
    {
        ["pre-install"] = "pre-install",
        ["post-install"] = "post-install",
        ["pre-delete"] = "pre-delete",
        ["post-delete"] = "post-delete",
        ["pre-upgrade"] = "pre-upgrade",
        ["post-upgrade"] = "post-upgrade",
        ["pre-rollback"] = "pre-rollback",
        ["post-rollback"] = "post-rollback",
        ["test"] = "test",
        ["test-success"] = "test",
    };

    /// <summary>Splits and sorts files.</summary>
    /// <exception cref="ChartException">A document is no YAML.</exception>
    public static (List<HelmManifest> Manifests, List<HelmManifest> Hooks) Sort(IEnumerable<(string File, string Content)> files)
    {
        var (manifests, hooks) = (new List<HelmManifest>(), new List<HelmManifest>());
        foreach (var (file, content) in files.OrderBy(static f => f.File, Comparer<string>.Create(GoTemplates.GoText.Compare)))
        {
            if (file[(file.LastIndexOf('/') + 1)..].StartsWith('_') || string.IsNullOrWhiteSpace(content))
            {
                continue;
            }

            foreach (var document in ManifestSplitter.Split(content))
            {
                Add(file, document, manifests, hooks);
            }
        }

        return ([.. manifests.Order(ByKind)], [.. hooks.Order(ByKind)]);
    }

    private static readonly Comparer<HelmManifest> ByKind = Comparer<HelmManifest>.Create(static (a, b) =>
        (Rank.TryGetValue(a.Kind, out var first), Rank.TryGetValue(b.Kind, out var second)) switch
        {
            (true, true) => first.CompareTo(second),
            (false, false) => GoTemplates.GoText.Compare(a.Kind, b.Kind),
            (true, false) => -1,
            _ => 1,
        });

    private static void Add(string file, string document, List<HelmManifest> manifests, List<HelmManifest> hooks)
    {
        YamlNode node;
        try
        {
            node = HelmYaml.Read(document);
            CheckHead(node);
        }
        catch (GoTemplates.GoException error)
        {
            throw new ChartException($"YAML parse error on {file}: {error.Message}", error);
        }

        var kind = GoTree.AsText((node as YamlMap)?["kind"]) ?? "";
        var annotations = (node as YamlMap)?.At("metadata", "annotations") as YamlMap;
        if (GoTree.AsText(annotations?[HookAnnotation]) is not { } types)
        {
            manifests.Add(new HelmManifest(file, document, kind, node, null));
            return;
        }

        var events = new List<string>();
        foreach (var type in types.Split(','))
        {
            if (!Events.TryGetValue(type.Trim().ToLowerInvariant(), out var known))
            {
                // Helm drops hooks of an event that it does not know.
                return;
            }

            events.Add(known);
        }

        var weight = GoTree.AsText(annotations!["helm.sh/hook-weight"]);
        var policies = GoTree.AsText(annotations["helm.sh/hook-delete-policy"]) is { } deleted
            ? deleted.Split(',').Select(static p => p.Trim().ToLowerInvariant()).ToArray()
            : [];
        var hook = new HelmHook(events, int.TryParse(weight, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var w) ? w : 0, policies);
        hooks.Add(new HelmManifest(file, document, kind, node, hook));
    }

    // Go's decoder insists on the types of the fields that it wants.
    private static void CheckHead(YamlNode node)
    {
        if (node.IsNull)
        {
            return;
        }

        var map = node as YamlMap ?? throw Wrong(node, "", "util.SimpleHead");
        CheckText(map["apiVersion"], "SimpleHead.apiVersion");
        CheckText(map["kind"], "SimpleHead.kind");
        if (map["metadata"] is not { IsNull: false } metadata)
        {
            return;
        }

        var fields = metadata as YamlMap
            ?? throw Wrong(metadata, "SimpleHead.metadata", "struct { Name string \"json:\\\"name\\\"\"; Annotations map[string]string \"json:\\\"annotations\\\"\" }");
        CheckText(fields["name"], ".metadata.name");
        if (fields["annotations"] is not { IsNull: false } annotations)
        {
            return;
        }

        foreach (var (_, value) in annotations as YamlMap ?? throw Wrong(annotations, ".metadata.annotations", "map[string]string"))
        {
            CheckText(value, ".metadata.annotations");
        }
    }

    private static void CheckText(YamlNode? node, string field)
    {
        if (node is { IsNull: false } && GoTree.AsText(node) is null)
        {
            throw Wrong(node, field, "string");
        }
    }

    private static GoTemplates.GoException Wrong(YamlNode node, string field, string type) => new(
        "error unmarshaling JSON: while decoding JSON: json: cannot unmarshal "
        + $"{Functions.DataFunctions.GoKindOf(node)} into Go {(field.Length > 0 ? $"struct field {field}" : "value")} of type {type}");
}
