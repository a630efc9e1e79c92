using Capstan.Yaml;

namespace Capstan.Kustomize.Spec;

/// <summary>Reads kustomization files, deprecated spellings included.</summary>
internal static class KustomizationReader
{
    private const string Fix = "Run 'kustomize edit fix' to update your Kustomization automatically.";

    private static readonly (string Field, string Instead, string Fix)[] Deprecated =
    [
        ("bases", "resources", Fix),
        ("commonLabels", "labels", Fix),
        ("imageTags", "images", Fix),
        ("patchesJson6902", "patches", Fix),
        ("patchesStrategicMerge", "patches", Fix),
        ("vars", "replacements", $"[EXPERIMENTAL] {Fix}"),
    ];

    /// <exception cref="KustomizeException">The file is no kustomization.</exception>
    public static Kustomization Read(string file, ReadOnlySpan<byte> content, string folder)
    {
        var warnings = new List<string>();
        var node = Parse(file, content, warnings);
        if (node.IsNull)
        {
            throw new KustomizeException("kustomization.yaml is empty", file);
        }

        var map = new SpecMap(file, node, "the kustomization");
        RefuseWrongType(map, folder);
        var result = ReadFields(map, file);
        ReadRemaining(map);
        if (map.Map.All(e => e.Key is "apiVersion" or "kind" || e.Value.IsNull))
        {
            throw new KustomizeException("kustomization.yaml is empty", file);
        }

        return result with { Warnings = [.. warnings, .. result.Warnings] };
    }

    // kustomize takes the last of several equal keys and the first of several documents without a word; here it is said.
    private static YamlNode Parse(string file, ReadOnlySpan<byte> content, List<string> warnings)
    {
        try
        {
            IReadOnlyList<YamlNode> documents;
            try
            {
                documents = YamlText.ReadAll(content);
            }
            catch (YamlException twice) when (twice.IsDuplicateKey)
            {
                warnings.Add($"# Warning: {file}:{twice.Position}: {twice.Problem}; the last one counts");
                documents = YamlText.ReadAll(content, new ReadLimits { DuplicateKeys = DuplicateKeys.LastWins });
            }

            if (documents.Count > 1)
            {
                warnings.Add($"# Warning: {file}:{documents[1].Position}: a second document begins here; only the first one counts");
            }

            return documents.Count > 0 ? documents[0] : YamlScalar.Null;
        }
        catch (YamlException error)
        {
            throw new KustomizeException($"invalid Kustomization: {error.Problem}", file, error.Position, inner: error);
        }
    }

    private static Kustomization ReadFields(SpecMap map, string file) => new()
    {
        File = file,
        Lines = map.Map.ToDictionary(e => e.Key, e => e.Value.Position.Line),
        IsComponent = map.Text("kind") == "Component",
        Resources = [.. map.Texts("resources") ?? [], .. map.Texts("bases") ?? []],
        Components = map.Texts("components") ?? [],
        Crds = map.Texts("crds") ?? [],
        Configurations = map.Texts("configurations") ?? [],
        Generators = map.Texts("generators") ?? [],
        Transformers = map.Texts("transformers") ?? [],
        Validators = map.Texts("validators") ?? [],
        OpenApi = map.TextMap("openapi"),
        NamePrefix = map.Text("namePrefix"),
        NameSuffix = map.Text("nameSuffix"),
        Namespace = map.Text("namespace"),
        CommonLabels = map.TextMap("commonLabels"),
        Labels = map.List("labels", SpecReaders.Label),
        CommonAnnotations = map.TextMap("commonAnnotations"),
        PatchesStrategicMerge = map.Texts("patchesStrategicMerge") ?? [],
        PatchesJson6902 = map.List("patchesJson6902", SpecReaders.Patch),
        Patches = map.List("patches", SpecReaders.Patch),
        Images = [.. map.List("images", SpecReaders.Image), .. map.List("imageTags", SpecReaders.Image)],
        Replacements = map.List("replacements", SpecReaders.Replacement),
        Replicas = map.List("replicas", SpecReaders.Replica),
        Vars = map.List("vars", SpecReaders.Variable),
        Sort = ReadSort(map),
        ConfigMaps = map.List("configMapGenerator", m => SpecReaders.Generator(m, isSecret: false)),
        Secrets = map.List("secretGenerator", m => SpecReaders.Generator(m, isSecret: true)),
        GeneratorOptions = SpecReaders.Options(map, "generatorOptions"),
        HelmCharts = Maps(map, "helmCharts"),
        HelmGlobals = map.Node("helmGlobals") as YamlMap,
        BuildMetadata = ReadBuildMetadata(map),
        Warnings = [.. Deprecated.Where(d => map.Node(d.Field) is not null)
            .Select(d => $"# Warning: '{d.Field}' is deprecated. Please use '{d.Instead}' instead. {d.Fix}")],
    };

    private static void ReadRemaining(SpecMap map)
    {
        map.Text("apiVersion");
        map.Node("metadata");
        if (map.Node("helmChartInflationGenerator") is { } old)
        {
            throw new KustomizeException("helmChartInflationGenerator is not supported; write helmCharts instead", map.File, old.Position);
        }

        map.RefuseUnknown();
    }

    private static void RefuseWrongType(SpecMap map, string folder)
    {
        var (kind, version) = (map.Text("kind"), map.Text("apiVersion"));
        if (kind is not ("" or "Kustomization" or "Component"))
        {
            throw new KustomizeException(
                $"Failed to read kustomization file under {folder}: kind should be Kustomization or Component, it is {kind}", map.File, map.Node("kind")!.Position);
        }

        var wanted = kind == "Component" ? "kustomize.config.k8s.io/v1alpha1" : "kustomize.config.k8s.io/v1beta1";
        if (version.Length > 0 && version != wanted)
        {
            throw new KustomizeException(
                $"Failed to read kustomization file under {folder}: apiVersion for {(kind.Length > 0 ? kind : "Kustomization")} should be {wanted}, it is {version}",
                map.File, map.Node("apiVersion")!.Position);
        }
    }

    private static SortSpec? ReadSort(SpecMap map)
    {
        if (map.Child("sortOptions") is not { } child)
        {
            return null;
        }

        var sort = SpecReaders.Sort(child);
        child.RefuseUnknown();
        return sort;
    }

    private static string[] ReadBuildMetadata(SpecMap map) => [.. (map.Texts("buildMetadata") ?? []).Select(option => option.Text)];

    private static YamlMap[] Maps(SpecMap map, string name) => map.Node(name) is YamlList list
        ? [.. list.Select(item => item as YamlMap ?? throw new KustomizeException($"an item of {name} must be a map, it is {item.Description}", map.File, item.Position))]
        : [];
}
