using Capstan.Kustomize.Fields;
using Capstan.Kustomize.Identity;
using Capstan.Kustomize.Resources;

namespace Capstan.Kustomize.Spec;

/// <summary>Reads the parts of a kustomization; transformers' own files have the same parts.</summary>
internal static class SpecReaders
{
    public static FieldSpec Field(SpecMap map) => new(Kind(map), map.Text("path"), map.Flag("create"));

    public static Gvk Kind(SpecMap map) => new(map.Text("group"), map.Text("version"), map.Text("kind"));

    public static ResourceId Id(SpecMap map) => new(Kind(map), map.Text("name"), map.Text("namespace"));

    public static SelectorSpec Selector(SpecMap map) => new(Id(map), map.Text("labelSelector"), map.Text("annotationSelector"), map.Position);

    public static SelectorSpec? OptionalSelector(SpecMap map, string name)
    {
        if (map.Child(name) is not { } child)
        {
            return null;
        }

        var selector = Selector(child);
        child.RefuseUnknown();
        return selector;
    }

    public static LabelSpec Label(SpecMap map) => new(
        map.TextMap("pairs") ?? new Dictionary<string, string>(), map.Flag("includeSelectors"), map.Flag("includeTemplates"), map.List("fields", Field));

    public static PatchSpec Patch(SpecMap map)
    {
        var options = map.Child("options");
        var patch = new PatchSpec(
            map.Text("path"), map.Text("patch"), OptionalSelector(map, "target"),
            options?.Flag("allowNameChange") == true, options?.Flag("allowKindChange") == true, map.Position);
        return patch;
    }

    public static ImageSpec Image(SpecMap map) => new(map.Text("name"), map.Text("newName"), map.Text("newTag"), map.Text("tagSuffix"), map.Text("digest"));

    public static ReplicaSpec Replica(SpecMap map) => new(map.Text("name"), map.Number("count"), map.Position);

    public static VariableSpec Variable(SpecMap map)
    {
        var reference = map.Child("objref");
        var target = default(ResourceId) with { Name = "", Namespace = "", Gvk = Gvk.Any };
        if (reference is not null)
        {
            target = Id(reference);
            if (reference.Text("apiVersion") is { Length: > 0 } version && version.Count(c => c == '/') < 2)
            {
                var gvk = Gvk.From(version, target.Gvk.Kind);
                target = target with { Gvk = gvk.Group.Length > 0 ? gvk : gvk with { Group = target.Gvk.Group } };
            }

            reference.RefuseUnknown();
        }

        var field = map.Child("fieldref");
        var path = field?.Text("fieldPath") is { Length: > 0 } given ? given : "metadata.name";
        field?.RefuseUnknown();
        return new VariableSpec(map.Text("name"), target, path, map.Position);
    }

    public static SortSpec Sort(SpecMap map)
    {
        var legacy = map.Child("legacySortOptions");
        var sort = new SortSpec(
            map.Text("order"), legacy?.Texts("orderFirst")?.Select(t => t.Text).ToArray(), legacy?.Texts("orderLast")?.Select(t => t.Text).ToArray(),
            legacy is not null, map.Position);
        legacy?.RefuseUnknown();
        return sort;
    }

    public static GeneratorSpec Generator(SpecMap map, bool isSecret)
    {
        var envs = (map.Texts("envs") ?? []).ToList();
        if (map.Text("env") is { Length: > 0 } env)
        {
            envs.Add(new SpecText(env, map.Node("env")!.Position));
        }

        return new GeneratorSpec(
            map.Text("name"), map.Text("namespace"), Behavior(map.Text("behavior")), isSecret ? map.Text("type") : "", map.Position)
        {
            Literals = map.Texts("literals") ?? [],
            Files = map.Texts("files") ?? [],
            Envs = envs,
            Options = Options(map, "options"),
        };
    }

    public static GeneratorOptions? Options(SpecMap parent, string name)
    {
        if (parent.Child(name) is not { } map)
        {
            return null;
        }

        var options = new GeneratorOptions(map.TextMap("labels"), map.TextMap("annotations"), map.Flag("disableNameSuffixHash"), map.Flag("immutable"));
        map.RefuseUnknown();
        return options;
    }

    public static ReplacementSpec Replacement(SpecMap map)
    {
        ReplacementSource? from = null;
        if (map.Child("source") is { } source)
        {
            from = new ReplacementSource(Id(source), source.Text("fieldPath"), ReplacementOptions(source), source.Position);
            source.RefuseUnknown();
        }

        return new ReplacementSpec(map.Text("path"), from, map.OptionalText("sourceValue"), map.OptionalList("targets", ReplacementTarget), map.Position);
    }

    private static ReplacementTarget ReplacementTarget(SpecMap map) => new(
        OptionalSelector(map, "select"), map.List("reject", Selector), [.. (map.Texts("fieldPaths") ?? []).Select(t => t.Text)], ReplacementOptions(map), map.Position);

    private static ReplacementOptions? ReplacementOptions(SpecMap parent)
    {
        if (parent.Child("options") is not { } map)
        {
            return null;
        }

        var options = new ReplacementOptions(map.Text("delimiter"), map.Number("index"), map.Flag("create"));
        map.Text("encoding");
        map.RefuseUnknown();
        return options;
    }

    private static GenerationBehavior Behavior(string text) => text switch
    {
        "create" => GenerationBehavior.Create,
        "replace" => GenerationBehavior.Replace,
        "merge" => GenerationBehavior.Merge,
        _ => GenerationBehavior.Unspecified,
    };
}
