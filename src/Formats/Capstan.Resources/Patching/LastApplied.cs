using System.Runtime.CompilerServices;
using Capstan.Yaml;

namespace Capstan.Resources;

/// <summary>
/// The three-way patch of kubectl's client-side apply: what was applied last, what is wanted now and what is live. Fields that were applied
/// before and are wanted no longer are removed; live fields that were never applied stay.
/// </summary>
public static class LastApplied
{
    /// <summary>The annotation in which kubectl keeps what it applied.</summary>
    public const string Annotation = "kubectl.kubernetes.io/last-applied-configuration";

    /// <summary>What was applied last, as the live object's annotation has it; null when there is none that can be read.</summary>
    public static YamlMap? Of(KubernetesObject live)
    {
        try
        {
            return live.Annotation(Annotation) is { Length: > 0 } text ? JsonText.Read(text) as YamlMap : null;
        }
        catch (YamlException)
        {
            // Anybody may write the annotation; one that cannot be read says nothing.
            return null;
        }
    }

    /// <summary>The object with the annotation that says that it was applied.</summary>
    public static KubernetesObject WithAnnotation(KubernetesObject desired)
    {
        var bare = desired.Without("metadata", "annotations", Annotation);
        return bare.WithAnnotation(Annotation, JsonText.Write(Sorted(bare.Body)) + "\n");
    }

    /// <summary>
    /// The patch that brings the live object to what is wanted: a strategic merge patch for built-in kinds, a merge patch for others.
    /// </summary>
    /// <returns>An empty map when there is nothing to change.</returns>
    public static YamlMap CreatePatch(YamlMap? last, YamlMap wanted, YamlMap live, ObjectSchema schema, bool strategic) =>
        Diff(last ?? YamlMap.Empty, wanted, live, strategic ? schema.Root : null, false);

    // Without a schema lists are one value, as in a merge patch.
    private static YamlMap Diff(YamlMap last, YamlMap wanted, YamlMap live, SchemaNode? schema, bool retainsKeys)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        var patch = new YamlMapBuilder();
        foreach (var (key, want) in wanted)
        {
            DiffKey(patch, key, want, last[key], live[key], schema);
        }

        foreach (var (key, _) in last)
        {
            if (!wanted.ContainsKey(key) && live.ContainsKey(key))
            {
                patch.Set(key, YamlScalar.Null);
            }
        }

        if (retainsKeys && patch.Count > 0)
        {
            patch.Set(StrategicMergePatch.RetainKeys, new YamlList(wanted.Keys.Order(StringComparer.Ordinal).Select(k => YamlScalar.String(k))));
        }

        return patch.ToMap();
    }

    private static void DiffKey(YamlMapBuilder patch, string key, YamlNode want, YamlNode? last, YamlNode? live, SchemaNode? schema)
    {
        var field = schema?.Map?.Fields.GetValueOrDefault(key);
        switch (want, live)
        {
            case (YamlMap wantedMap, YamlMap liveMap):
                var inner = Diff(last as YamlMap ?? YamlMap.Empty, wantedMap, liveMap, schema?.Field(key), field?.PatchRetainsKeys ?? false);
                if (inner.Count > 0)
                {
                    patch.Set(key, inner);
                }

                break;
            case (YamlList wantedList, YamlList liveList) when field is { PatchMerges: true }:
                var lists = new ThreeLists(key, last as YamlList ?? YamlList.Empty, wantedList, liveList, field);
                lists.WriteTo(patch, (before, item, now) => Diff(before, item, now, field.Type.Items, field.PatchRetainsKeys));
                break;
            case (_, null) when want.IsNull:
                break;
            default:
                if (!want.Equals(live))
                {
                    patch.Set(key, want);
                }

                break;
        }
    }

    private static YamlNode Sorted(YamlNode node)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        switch (node)
        {
            case YamlMap map:
                var builder = new YamlMapBuilder(map.Count);
                foreach (var (key, value) in map.OrderBy(e => e.Key, StringComparer.Ordinal))
                {
                    builder.Set(key, Sorted(value));
                }

                return builder.ToMap();
            case YamlList list:
                return new YamlList(list.Select(Sorted));
            default:
                return node;
        }
    }
}
