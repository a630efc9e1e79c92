using System.Text;
using Capstan.Kustomize.Resources;

namespace Capstan.Kustomize.Building;

/// <summary>
/// Where a kustomization stands, seen from the one that is built: what <c>originAnnotations</c> and <c>transformerAnnotations</c> of
/// <c>buildMetadata</c> tell. There is one only where a build asks for metadata. Follows kustomize's <c>resource.Origin</c>.
/// </summary>
/// <param name="Repository">The address of the repository of a remote base; empty for the own one.</param>
/// <param name="Reference">The wanted revision there.</param>
/// <param name="Path">The folder, with <c>..</c> where it lies beside the first one.</param>
internal sealed record BuildOrigin(string Repository, string Reference, string Path)
{
    public const string OriginAnnotation = "config.kubernetes.io/origin";

    public const string TransformationsAnnotation = "alpha.config.kubernetes.io/transformations";

    /// <summary>Where a build begins.</summary>
    public static readonly BuildOrigin Start = new("", "", "");

    /// <summary>A file or folder that the kustomization here names.</summary>
    public BuildOrigin Append(string path) => this with { Path = Join(Path, path) };

    /// <summary>A kustomization in another repository.</summary>
    public static BuildOrigin Of(RemoteBase remote) => new(remote.Address.Repository, remote.Address.Reference, remote.Path.IsRoot ? "" : remote.Path.Text);

    /// <summary>Says of a resource that was read from here where it is from.</summary>
    public void MarkRead(Resource resource) => Set(resource, OriginAnnotation, Lines("path", Path) + Rest());

    /// <summary>Says of a resource that a generator made who it was; what knows its origin keeps it.</summary>
    public void MarkGenerated(Resource resource, string by)
    {
        if (!Has(resource, OriginAnnotation))
        {
            Set(resource, OriginAnnotation, Configured(by));
        }
    }

    /// <summary>Adds a transformer to those that saw the resources. One that has no origin by now was made by the transformer.</summary>
    public void MarkTransformed(ResourceSet set, string by)
    {
        var text = Configured(by);
        var item = "- " + text.TrimEnd('\n').Replace("\n", "\n  ", StringComparison.Ordinal) + "\n";
        foreach (var resource in set.All.Where(r => !r.IsDeleted))
        {
            if (Has(resource, OriginAnnotation))
            {
                Set(resource, TransformationsAnnotation, Get(resource, TransformationsAnnotation) + item);
            }
            else
            {
                Set(resource, OriginAnnotation, text);
            }
        }
    }

    /// <summary>What configures a transformer of the kustomization itself.</summary>
    public static string BuiltIn(string kind) => Lines("apiVersion", "builtin", "kind", kind);

    /// <summary>What a resource that configures a plugin says of it.</summary>
    public static string Plugin(Resource plugin) => Lines("apiVersion", plugin.Id.Gvk.ApiVersion, "kind", plugin.Kind, "name", plugin.Name, "namespace", plugin.Namespace);

    /// <summary>The value of one of the two annotations; empty when it is not there.</summary>
    public static string Get(Resource resource, string annotation) => resource.Annotation(annotation) ?? "";

    /// <summary>Takes an annotation away.</summary>
    public static void Drop(Resource resource, string annotation)
    {
        if (Has(resource, annotation))
        {
            resource.SetMeta("annotations", [.. resource.Meta("annotations").Where(a => a.Key != annotation)]);
        }
    }

    private string Configured(string by) =>
        Rest() + Lines("configuredIn", Path) + "configuredBy:\n" + string.Concat(by.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => $"  {line}\n"));

    private string Rest() => Lines("repo", Repository, "ref", Reference);

    private static bool Has(Resource resource, string annotation) => resource.Annotation(annotation) is not null;

    private static void Set(Resource resource, string annotation, string text) =>
        resource.SetMeta("annotations", [.. resource.Meta("annotations").Where(a => a.Key != annotation), new(annotation, text)]);

    private static string Lines(params ReadOnlySpan<string> fields)
    {
        var text = new StringBuilder();
        for (var i = 0; i < fields.Length; i += 2)
        {
            if (fields[i + 1].Length > 0)
            {
                text.Append(Yaml.GoYaml.Write(Yaml.YamlMap.Of((fields[i], fields[i + 1]))));
            }
        }

        return text.ToString();
    }

    // As Go's filepath.Join: "." and ".." are worked out, and what leads above the start stays.
    private static string Join(string folder, string path)
    {
        var parts = new List<string>();
        foreach (var part in $"{folder}/{path}".Split('/', StringSplitOptions.RemoveEmptyEntries).Where(p => p != "."))
        {
            if (part == ".." && parts.Count > 0 && parts[^1] != "..")
            {
                parts.RemoveAt(parts.Count - 1);
            }
            else
            {
                parts.Add(part);
            }
        }

        return string.Join('/', parts);
    }
}
