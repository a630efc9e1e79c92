using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.Kustomize;

/// <summary>What a build came to.</summary>
/// <param name="Manifests">The resources in their order, with the file and line each was read (or generated) from.</param>
/// <param name="Warnings">Deprecated fields and the like, in kustomize's words.</param>
public sealed record KustomizeResult(IReadOnlyList<Manifest> Manifests, IReadOnlyList<string> Warnings)
{
    /// <summary>For each manifest what set its fields; empty unless the request asks for a source map.</summary>
    public IReadOnlyList<FieldOrigins> Origins { get; init; } = [];

    /// <summary>The YAML that <c>kubectl kustomize</c> prints.</summary>
    public string Yaml => GoYaml.WriteAll(Manifests.Select(m => m.Object.Body));

    /// <summary>The bytes that <c>kubectl kustomize</c> prints.</summary>
    public byte[] YamlBytes => GoYaml.WriteAllBytes(Manifests.Select(m => m.Object.Body));
}
