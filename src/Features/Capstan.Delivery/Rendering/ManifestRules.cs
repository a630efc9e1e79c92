using System.Buffers.Text;
using System.Globalization;
using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.Delivery.Rendering;

/// <summary>
/// What a well-formed object may still say that is not served, or that no cluster would take. An object that asks for something else
/// than being applied (a hook, a wave, an option) is never applied as if it had not asked.
/// </summary>
internal static class ManifestRules
{
    private static readonly string[] RefusedAnnotations =
    [
        "argocd.argoproj.io/compare-options", "argocd.argoproj.io/hook-delete-policy", "argocd.argoproj.io/ignore-healthcheck",
    ];

    private static readonly HashSet<string> ServedOptions = new(StringComparer.Ordinal)
    {
        "", "ServerSideApply=true", "ServerSideApply=false", "PruneLast=false", "Prune=true", "Delete=true", "Validate=true", "Replace=false",
        "Force=false", "SkipDryRunOnMissingResource=true", "SkipDryRunOnMissingResource=false",
    };

    public static IEnumerable<string> Problems(KubernetesObject manifest)
    {
        if (manifest.GroupVersionKind.Group is "kustomize.config.k8s.io")
        {
            yield return $"a {manifest.Kind} is no object of a cluster; exclude the file, or point path at its folder";
        }

        if (manifest.Name.Length == 0)
        {
            yield return "metadata.generateName without a name serves hooks only, which are not supported yet; give the object a name";
        }

        if (HookRules.AnnotationOf(manifest) is { } annotation)
        {
            yield return $"annotation {annotation}: \"{Cut(manifest.Annotation(annotation) ?? "")}\": hooks are not supported yet, and a hook is never applied as a plain object";
        }

        foreach (var refused in RefusedAnnotations.Where(a => manifest.Annotation(a) is { Length: > 0 }))
        {
            yield return $"annotation {refused} is not supported yet";
        }

        if (manifest.Annotation("argocd.argoproj.io/sync-wave") is { } wave)
        {
            if (!int.TryParse(wave, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number))
            {
                yield return $"annotation argocd.argoproj.io/sync-wave: \"{Cut(wave)}\" is no integer";
            }
            else if (number != 0)
            {
                yield return $"annotation argocd.argoproj.io/sync-wave: \"{wave}\": waves other than 0 are not supported yet";
            }
        }

        foreach (var option in (manifest.Annotation("argocd.argoproj.io/sync-options") ?? "").Split(',').Select(o => o.Trim()))
        {
            if (!ServedOptions.Contains(option))
            {
                yield return $"annotation argocd.argoproj.io/sync-options: \"{Cut(option)}\" is not supported yet";
            }
        }

        foreach (var problem in manifest.GroupVersionKind is { Group: "", Kind: "Secret" } ? SecretProblems(manifest) : [])
        {
            yield return problem;
        }
    }

    // Checked here, because an API server's own message may repeat the value. Only names of keys are told.
    private static IEnumerable<string> SecretProblems(KubernetesObject secret)
    {
        foreach (var field in (string[])["data", "stringData"])
        {
            var node = secret.Body[field];
            if (node is null or { IsNull: true })
            {
                continue;
            }

            if (node is not YamlMap map)
            {
                yield return $"{field} must be a map, it is {node.Description}";
                continue;
            }

            foreach (var (key, value) in map)
            {
                if (value.IsNull)
                {
                    continue;
                }

                if (value.AsString() is not { } text)
                {
                    yield return $"{field}[\"{key}\"] must be a string, it is {value.Description}; put it in quotes";
                }
                else if (field == "data" && !IsBase64(text))
                {
                    yield return $"data[\"{key}\"] is not base64; write plain text under stringData instead";
                }
            }
        }
    }

    private static bool IsBase64(string text)
    {
        // Go's decoder skips line breaks, so they are not counted here either.
        var plain = text.Replace("\n", "", StringComparison.Ordinal).Replace("\r", "", StringComparison.Ordinal);
        return !plain.AsSpan().ContainsAny(' ', '\t') && Base64.IsValid(plain);
    }

    private static string Cut(string text) => text.Length <= 60 ? text : text[..60] + "…";
}
