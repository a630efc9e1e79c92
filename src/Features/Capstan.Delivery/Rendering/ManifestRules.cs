using System.Buffers.Text;
using Capstan.Delivery.Sync.Directives;
using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.Delivery.Rendering;

/// <summary>
/// What a well-formed object may still say that is not served, or that no cluster would take.
/// </summary>
internal static class ManifestRules
{
    public static IEnumerable<string> Problems(KubernetesObject manifest)
    {
        if (manifest.GroupVersionKind.Group is "kustomize.config.k8s.io")
        {
            yield return $"a {manifest.Kind} is no object of a cluster; exclude the file, or point path at its folder";
        }

        if (manifest.Name.Length == 0 && !HookAnnotations.IsHook(manifest))
        {
            yield return "metadata.generateName without a name serves hooks only; give the object a name";
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
}
