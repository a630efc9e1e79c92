using Capstan.Yaml;

namespace Capstan.Helm.Rendering;

/// <summary>Reads objects of a cluster for <c>lookup</c>.</summary>
/// <param name="apiVersion">The API version.</param>
/// <param name="kind">The kind.</param>
/// <param name="namespace">The namespace; empty for all, or for cluster-wide kinds.</param>
/// <param name="name">The name; empty for a list.</param>
/// <returns>The object or list; null when there is none.</returns>
public delegate YamlMap? HelmLookup(string apiVersion, string kind, string @namespace, string name);

/// <summary>What the functions of one rendering share.</summary>
internal sealed class RenderHost(HelmLookup? lookup)
{
    /// <summary>How often each template is being included at the moment.</summary>
    public Dictionary<string, int> Included { get; } = new(StringComparer.Ordinal);

    /// <summary>Reads objects of the cluster; null when there is none.</summary>
    public HelmLookup? Lookup { get; } = lookup;
}
