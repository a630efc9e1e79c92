using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.Delivery.Rendering;

/// <summary>
/// What the annotations of Argo CD and Helm make of an object: a hook, nothing at all (Helm's tests and rollback hooks, which a GitOps
/// engine never runs), or a plain object. Helm's annotation counts only where Argo CD's is absent.
/// </summary>
internal static class HookRules
{
    private const string Argo = "argocd.argoproj.io/hook";
    private const string Helm = "helm.sh/hook";

    private static readonly HashSet<string> NeverRun = new(StringComparer.Ordinal) { "test", "test-success", "test-failure", "pre-rollback", "post-rollback" };

    /// <summary>Whether the object is left out of what is delivered.</summary>
    public static bool IsIgnored(YamlNode node) =>
        node is YamlMap map && map.At("metadata", "annotations") is YamlMap annotations && !annotations.ContainsKey(Argo)
        && annotations[Helm]?.AsString() is { Length: > 0 } helm && Types(helm).All(NeverRun.Contains);

    /// <summary>The annotation that makes the object a hook; null for a plain object.</summary>
    public static string? AnnotationOf(KubernetesObject manifest) =>
        manifest.Annotation(Argo) is not null ? Argo

        // Helm 2 marked definitions of kinds in this way; they are plain objects.
        : manifest.Annotation(Helm) is { } helm && Types(helm) is not ["crd-install"] ? Helm
        : null;

    private static string[] Types(string text) => text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
}
