using Capstan.Kustomize.Flux;
using Capstan.Kustomize.Spec;
using Capstan.Resources;
using Capstan.Trees;
using Capstan.Yaml;

namespace Capstan.Kustomize;

/// <summary>
/// What a Kustomization of Flux (<c>kustomize.toolkit.fluxcd.io/v1</c>) asks of a build, as functions: its <c>spec</c> becomes edits of the
/// kustomization, and its <c>postBuild</c> variables are put into what was built. Follows fluxcd/pkg's kustomize generator.
/// </summary>
public static class FluxKustomization
{
    private const string Source = "spec";
    private const string Switch = "kustomize.toolkit.fluxcd.io/substitute";

    /// <summary>A request with what the spec asks for: <c>targetNamespace</c>, <c>namePrefix</c>, <c>nameSuffix</c>, <c>patches</c>, <c>images</c>,
    /// <c>components</c>, <c>ignoreMissingComponents</c>. As in Flux, a folder without a kustomization is built from all manifests below it, and files may
    /// be anywhere in the tree. What says how and when to sync is no business of a build.</summary>
    /// <param name="request">The tree, the path, and what the build may do.</param>
    /// <param name="spec">The object's spec.</param>
    /// <exception cref="KustomizeException">A field is of the wrong type, or a file of a folder without a kustomization holds no resources.</exception>
    public static KustomizeRequest Apply(KustomizeRequest request, YamlMap spec)
    {
        var map = new SpecMap(Source, spec, Source);
        return request with
        {
            Kustomization = Generate(request.Tree, request.Path, request.Limits),
            LoadRestriction = LoadRestriction.WholeTree,
            Edits = new KustomizeEdits
            {
                Namespace = map.Text("targetNamespace"),
                NamePrefix = map.Text("namePrefix"),
                NameSuffix = map.Text("nameSuffix"),
                Patches = Maps(map, "patches"),
                ImageEntries = Maps(map, "images"),
                Components = [.. (map.Texts("components") ?? []).Select(c => c.Text)],
                IgnoreMissingComponents = map.Flag("ignoreMissingComponents"),
            },
        };
    }

    /// <summary>The <c>kustomization.yaml</c> for a folder without one: all <c>.yaml</c> and <c>.yml</c> files below it, and in place of a folder that is a
    /// kustomization that folder.</summary>
    /// <param name="tree">The tree of files.</param>
    /// <param name="folder">The folder.</param>
    /// <param name="limits">How much may be read; null for the default.</param>
    /// <returns>The text; null when the folder has a kustomization.</returns>
    /// <exception cref="KustomizeException">A file holds no resources, or is too large.</exception>
    public static string? Generate(SourceTree tree, TreePath folder, KustomizeLimits? limits = null) =>
        GeneratedKustomization.Of(tree, folder, (limits ?? KustomizeLimits.Default).MaxFileBytes);

    /// <summary>Puts <c>commonMetadata</c> of the spec on what was built, after variables: its labels and annotations win over those that are there, and
    /// go into neither selectors nor templates.</summary>
    /// <param name="result">What was built.</param>
    /// <param name="spec">The object's spec.</param>
    /// <exception cref="KustomizeException">A field is of the wrong type.</exception>
    public static KustomizeResult CommonMetadata(KustomizeResult result, YamlMap spec)
    {
        if (new SpecMap(Source, spec, Source).Child("commonMetadata") is not { } common)
        {
            return result;
        }

        var (labels, annotations) = (common.TextMap("labels"), common.TextMap("annotations"));
        common.RefuseUnknown();
        return result with { Manifests = [.. result.Manifests.Select(m => m with { Object = new KubernetesObject(With(With(m.Object.Body, "labels", labels), "annotations", annotations)) })] };
    }

    /// <summary>The variables of <c>postBuild</c>: those of <c>substituteFrom</c> in their order, and over them those of <c>substitute</c>.</summary>
    /// <param name="substitute">The variables that the object holds itself.</param>
    /// <param name="from">What the ConfigMaps and Secrets named by <c>substituteFrom</c> hold; later ones win.</param>
    /// <exception cref="KustomizeException">A name is none.</exception>
    public static IReadOnlyDictionary<string, string> Variables(IReadOnlyDictionary<string, string> substitute, params IReadOnlyList<IReadOnlyDictionary<string, string>> from)
    {
        var result = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in from.SelectMany(m => m).Concat(substitute))
        {
            if (name.Length == 0 || !(char.IsAsciiLetter(name[0]) || name[0] == '_') || !name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_'))
            {
                throw new KustomizeException($"postBuild: '{name}' is no name of a variable: letters, digits and _, no digit first");
            }

            // A value is one line, wherever it is put.
            result[name] = value.Replace("\n", "", StringComparison.Ordinal);
        }

        return result;
    }

    /// <summary>
    /// Puts variables into what was built. Each resource is written as YAML, its <c>${NAME}</c> are replaced (<see cref="VariableText"/>), and it is
    /// read again, so that a text can become a number. Resources with the label or annotation <c>…/substitute: disabled</c> stay as they are;
    /// without any variable all of them do.
    /// </summary>
    /// <param name="result">What was built.</param>
    /// <param name="variables">The variables.</param>
    /// <param name="strict">Whether a variable that is not set, and has no default, is an error in place of nothing.</param>
    /// <exception cref="KustomizeException">An expression is malformed, or what comes out is no resource.</exception>
    public static KustomizeResult Substitute(KustomizeResult result, IReadOnlyDictionary<string, string> variables, bool strict = false) =>
        variables.Count == 0 && !strict ? result : result with { Manifests = [.. result.Manifests.Select(m => Substitute(m, variables, strict))] };

    private static Manifest Substitute(Manifest manifest, IReadOnlyDictionary<string, string> variables, bool strict)
    {
        var body = manifest.Object.Body;
        var text = GoYaml.Write(body);
        if (!text.Contains("${", StringComparison.Ordinal) || IsOff(body.At("metadata", "labels", Switch)) || IsOff(body.At("metadata", "annotations", Switch)))
        {
            return manifest;
        }

        try
        {
            var read = YamlText.ReadOne(VariableText.Replace(text, name => variables.GetValueOrDefault(name), strict));
            return read is YamlMap changed ? manifest with { Object = new KubernetesObject(changed) } : throw new KustomizeException($"it becomes {read.Description}");
        }
        catch (Exception error) when (error is KustomizeException or YamlException)
        {
            throw new KustomizeException($"{manifest.Origin}: {manifest.Object}: variable substitution failed: {error.Message}", inner: error);
        }
    }

    private static YamlMap With(YamlMap body, string field, IReadOnlyDictionary<string, string>? pairs)
    {
        if (pairs is not { Count: > 0 })
        {
            return body;
        }

        var map = (body.At("metadata", field) as YamlMap ?? YamlMap.Empty).ToBuilder();
        foreach (var (key, value) in pairs)
        {
            map.Set(key, YamlScalar.String(value));
        }

        return body.WithAt(["metadata", field], map.ToMap());
    }

    private static bool IsOff(YamlNode? value) => value?.AsString() is { } text && text.Equals("disabled", StringComparison.OrdinalIgnoreCase);

    private static YamlMap[] Maps(SpecMap map, string name) => map.Node(name) switch
    {
        null => [],
        YamlList list => [.. list.Select(item => item as YamlMap ?? throw new KustomizeException($"an item of {name} must be a map, it is {item.Description}", Source, item.Position))],
        var other => throw new KustomizeException($"{name} must be a list, it is {other.Description}", Source, other.Position),
    };
}
