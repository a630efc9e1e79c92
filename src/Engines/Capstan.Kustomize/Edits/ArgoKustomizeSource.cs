using System.Globalization;
using Capstan.Kustomize.Spec;
using Capstan.Yaml;

namespace Capstan.Kustomize;

/// <summary>Reads the field <c>source.kustomize</c> of Argo CD's Applications.</summary>
public static class ArgoKustomizeSource
{
    private const string Source = "spec.source.kustomize";

    /// <summary>A request with what the field asks for.</summary>
    /// <param name="request">The tree, the path, and what the build may do.</param>
    /// <param name="kustomize">The field's value.</param>
    /// <param name="substitute">Replaces <c>${ARGOCD_…}</c> in annotations where <c>commonAnnotationsEnvsubst</c> asks for it.</param>
    /// <exception cref="KustomizeException">A field is of the wrong type.</exception>
    public static KustomizeRequest Apply(KustomizeRequest request, YamlMap kustomize, Func<string, string> substitute)
    {
        var map = new SpecMap(Source, kustomize, Source);
        var annotations = map.TextMap("commonAnnotations") ?? new Dictionary<string, string>();
        if (map.Flag("commonAnnotationsEnvsubst"))
        {
            annotations = annotations.ToDictionary(a => a.Key, a => substitute(a.Value));
        }

        return request with
        {
            Edits = new KustomizeEdits
            {
                NamePrefix = map.Text("namePrefix"),
                NameSuffix = map.Text("nameSuffix"),
                Namespace = map.Text("namespace"),
                Images = Texts(map, "images"),
                Replicas = map.List("replicas", m => (m.Text("name"), Count(m))),
                CommonLabels = map.TextMap("commonLabels") ?? new Dictionary<string, string>(),
                LabelsWithoutSelector = map.Flag("labelWithoutSelector"),
                LabelsIncludeTemplates = map.Flag("labelIncludeTemplates"),
                ForceCommonLabels = map.Flag("forceCommonLabels"),
                CommonAnnotations = annotations,
                ForceCommonAnnotations = map.Flag("forceCommonAnnotations"),
                Patches = map.Node("patches") is YamlList patches ? [.. patches.OfType<YamlMap>()] : [],
                Components = Texts(map, "components"),
                IgnoreMissingComponents = map.Flag("ignoreMissingComponents"),
            },
        };
    }

    private static string[] Texts(SpecMap map, string name) => [.. (map.Texts(name) ?? []).Select(t => t.Text)];

    // A number, or a number as text.
    private static long Count(SpecMap map) => map.Node("count") switch
    {
        YamlScalar scalar when long.TryParse(scalar.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var count) => count,
        var other => throw new KustomizeException($"replicas.count must be an integer, it is {other?.Description ?? "missing"}", Source, other?.Position ?? default),
    };
}
