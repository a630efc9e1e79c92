using Capstan.Resources;

namespace Capstan.Delivery.Rendering;

/// <summary>What a source rendered to.</summary>
/// <param name="SourceType">Argo CD's word for the kind of source: <c>Directory</c>, <c>Helm</c> or <c>Kustomize</c>.</param>
/// <param name="Manifests">The objects in the order of their files; empty when there are problems.</param>
/// <param name="Problems">Everything that is wrong, each as <c>path:line:column: …</c>. A rendering with a problem is never applied in part.</param>
/// <param name="Hash">Identity of the content: equal hashes mean equal objects.</param>
public sealed record RenderedSource(string SourceType, IReadOnlyList<Manifest> Manifests, IReadOnlyList<string> Problems, string Hash)
{
    /// <summary>Whether the manifests are complete and may be compared and applied.</summary>
    public bool IsComplete => Problems.Count == 0;

    /// <summary>What a source renders to that only lends files to others.</summary>
    public static readonly RenderedSource Nothing = new("", [], [], "");

    /// <summary>A rendering that failed.</summary>
    public static RenderedSource Failed(params IReadOnlyList<string> problems) => new("Directory", [], problems, "");
}
