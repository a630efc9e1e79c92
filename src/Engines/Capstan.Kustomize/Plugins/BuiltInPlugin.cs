using Capstan.Kustomize.Building;
using Capstan.Kustomize.Files;
using Capstan.Kustomize.Generators;
using Capstan.Kustomize.Resources;
using Capstan.Kustomize.Spec;
using Capstan.Kustomize.Transformers.Hashing;
using Capstan.Kustomize.Transformers.Images;
using Capstan.Kustomize.Transformers.Labels;
using Capstan.Kustomize.Transformers.Names;
using Capstan.Kustomize.Transformers.Namespaces;
using Capstan.Kustomize.Transformers.Patches;
using Capstan.Kustomize.Transformers.Replacements;
using Capstan.Kustomize.Transformers.Replicas;
using Capstan.Yaml;

namespace Capstan.Kustomize.Plugins;

/// <summary>Generators and transformers that are configured by a resource of their own. Only the built-in ones are there.</summary>
internal static class BuiltInPlugin
{
    public static void Generate(Resource plugin, KustomizeFolder folder, Action<Resource> made)
    {
        RefuseExternal(plugin);
        var map = Configuration(plugin);
        switch (plugin.Kind)
        {
            case "ConfigMapGenerator" or "SecretGenerator":
                var isSecret = plugin.Kind == "SecretGenerator";
                var spec = SpecReaders.Generator(map, isSecret);
                spec = spec with
                {
                    Name = spec.Name.Length > 0 ? spec.Name : plugin.Name,
                    Namespace = spec.Namespace.Length > 0 ? spec.Namespace : plugin.Namespace,
                };
                made(ResourceGenerator.Make(folder, spec, isSecret, null, plugin.File));
                break;
            default:
                throw NotThere(plugin, "generator");
        }
    }

    public static void Transform(Resource plugin, ResourceSet set, KustomizeFolder folder, BuildSession session)
    {
        RefuseExternal(plugin);
        try
        {
            Transform(plugin, Configuration(plugin), set, folder, session);
        }
        catch (KustomizeException error)
        {
            throw error.At(plugin.File, new Position(plugin.Line, 1));
        }
    }

    private static void Transform(Resource plugin, SpecMap map, ResourceSet set, KustomizeFolder folder, BuildSession session)
    {
        var patches = new PatchTransformer(set, folder, () => session.Schema, plugin.File);
        var fields = map.List("fieldSpecs", SpecReaders.Field);
        switch (plugin.Kind)
        {
            case "NamespaceTransformer":
                if (plugin.Namespace.Length > 0)
                {
                    new NamespaceTransformer(plugin.Namespace, fields, map.Flag("unsetOnly"), Subjects(map)).Apply(set);
                }

                break;
            case "PrefixTransformer":
                NameTransformer.ApplyPrefix(set, map.Text("prefix"), fields);
                break;
            case "SuffixTransformer":
                NameTransformer.ApplySuffix(set, map.Text("suffix"), fields);
                break;
            case "LabelTransformer":
                LabelTransformer.Apply(set, map.TextMap("labels") ?? new Dictionary<string, string>(), fields);
                break;
            case "AnnotationsTransformer":
                LabelTransformer.Apply(set, map.TextMap("annotations") ?? new Dictionary<string, string>(), fields);
                break;
            case "ImageTagTransformer":
                new ImageTransformer(SpecReaders.Image(map.Child("imageTag") ?? Empty(plugin))).Apply(set, fields);
                break;
            case "ReplicaCountTransformer":
                ReplicaTransformer.Apply(set, [SpecReaders.Replica(map.Child("replica") ?? Empty(plugin))], fields, plugin.File);
                break;
            case "ReplacementTransformer":
                new ReplacementTransformer(set, folder, plugin.File).Apply(map.List("replacements", SpecReaders.Replacement));
                break;
            case "PatchTransformer":
                patches.Apply(SpecReaders.Patch(map));
                break;
            case "PatchJson6902Transformer":
                patches.ApplyJson6902(new PatchSpec(map.Text("path"), map.Text("jsonOp"), SpecReaders.OptionalSelector(map, "target"), false, false, map.Position));
                break;
            case "PatchStrategicMergeTransformer":
                Strategic(map, patches);
                break;
            case "HashTransformer":
                NameHash.Apply(set);
                break;
            default:
                throw NotThere(plugin, "transformer");
        }
    }

    private static void Strategic(SpecMap map, PatchTransformer patches)
    {
        var entries = (map.Texts("paths") ?? []).ToList();
        if (map.Text("patches") is { Length: > 0 } inline)
        {
            entries.Add(new SpecText(inline, map.Node("patches")!.Position));
        }

        if (entries.Count == 0)
        {
            throw new KustomizeException("empty file path and empty patch content");
        }

        foreach (var entry in entries)
        {
            patches.ApplyStrategic(entry);
        }
    }

    private static SubjectMode Subjects(SpecMap map) => map.Text("setRoleBindingSubjects") switch
    {
        "" or "defaultOnly" => SubjectMode.DefaultOnly,
        "allServiceAccounts" => SubjectMode.AllServiceAccounts,
        "none" => SubjectMode.None,
        var other => throw new KustomizeException(
            $"invalid value \"{other}\" for setRoleBindingSubjects: must be one of \"defaultOnly\", \"none\" or \"allServiceAccounts\""),
    };

    private static SpecMap Configuration(Resource plugin) => new(plugin.File, plugin.Body, $"the {plugin.Kind}");

    private static SpecMap Empty(Resource plugin) => new(plugin.File, YamlMap.Empty, $"the {plugin.Kind}");

    private static void RefuseExternal(Resource plugin)
    {
        if (plugin.Id.Gvk is not { Group: "", Version: "builtin" })
        {
            throw new KustomizeException(
                $"external plugins disabled; unable to load external plugin '{plugin.Kind}': programs and containers of a repository are never run",
                plugin.File, new Position(plugin.Line, 1), KustomizeProblem.NotAllowed);
        }
    }

    private static KustomizeException NotThere(Resource plugin, string what) =>
        new($"unable to load builtin {plugin.Id.Gvk}: there is no such {what}", plugin.File, new Position(plugin.Line, 1));
}
