using System.Text;
using Capstan.Kustomize.Building;
using Capstan.Kustomize.Resources;
using Capstan.Yaml;

namespace Capstan.Kustomize.Generators;

/// <summary>Puts a generated resource into the place of one that is there, as <c>behavior: merge</c> and <c>behavior: replace</c> ask.</summary>
internal static class GeneratedMerge
{
    public static void Into(Resource generated, Resource old)
    {
        generated.SetMeta("labels", Union(old.Meta("labels"), generated.Meta("labels")));
        generated.SetMeta("annotations", Union(old.Meta("annotations"), generated.Meta("annotations").Where(a => !IsOrigin(a.Key))));
        generated.SetName(old.Name);
        generated.SetNamespace(old.Namespace);
        if (generated.Behavior == GenerationBehavior.Merge)
        {
            MergeData(generated, old, "data");
            MergeData(generated, old, "binaryData");
        }

        // Of the old one's notes only those count that it has; whether a hash is added is for the new one to say.
        generated.TakeNotesFrom(old);
        generated.NeedsHash = generated.NeedsHash && old.NeedsHash;
        generated.Behavior = old.Behavior;
        generated.IsGenerated = old.IsGenerated;
    }

    // Where something is from does not change with what is merged into it.
    private static bool IsOrigin(string annotation) => annotation is BuildOrigin.OriginAnnotation or BuildOrigin.TransformationsAnnotation;

    private static SortedDictionary<string, string> Union(IEnumerable<KeyValuePair<string, string>> first, IEnumerable<KeyValuePair<string, string>> second)
    {
        var result = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (key, value) in first.Concat(second))
        {
            result[key] = value;
        }

        return result;
    }

    private static void MergeData(Resource generated, Resource old, string field)
    {
        var union = Union(Entries(old, field), Entries(generated, field));
        if (union.Count == 0)
        {
            generated.Body = generated.Body.Without(field);
            return;
        }

        var map = new YamlMapBuilder(union.Count);
        foreach (var (key, value) in union)
        {
            map.Set(key, ResourceGenerator.ConfigValue(Encoding.UTF8.GetBytes(value)).Value);
        }

        generated.Body = generated.Body.With(field, map.ToMap());
    }

    private static IEnumerable<KeyValuePair<string, string>> Entries(Resource resource, string field)
    {
        foreach (var (key, value) in resource.Body[field] as YamlMap ?? YamlMap.Empty)
        {
            yield return new(key, ScalarNodes.Value(value));
        }
    }
}
