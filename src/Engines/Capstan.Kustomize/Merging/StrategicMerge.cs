using System.Runtime.CompilerServices;
using Capstan.Kustomize.Identity;
using Capstan.Kustomize.Resources;
using Capstan.Yaml;

namespace Capstan.Kustomize.Merging;

/// <summary>
/// Strategic merge patches as kustomize applies them. They differ from the API server's: new list items come first, quotes of the target stay,
/// and of the directives only <c>$patch</c> is known.
/// </summary>
internal sealed class StrategicMerge(MergeSchema schema)
{
    /// <summary>Applies a patch to a whole resource.</summary>
    /// <returns>The patched tree; null when the patch deletes the resource.</returns>
    public YamlMap? Apply(YamlMap target, YamlMap patch) => Walk(null, target, patch) as YamlMap;

    /// <summary>Merges two values of one place. A null reference is an absent value, in the result too.</summary>
    internal YamlNode? Walk(MergeField? field, YamlNode? target, YamlNode? patch)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        var type = field?.Type ?? Lookup(target) ?? Lookup(patch);
        switch (ScalarNodes.IsMissing(target) ? patch : target)
        {
            case YamlList list:
                Expect<YamlList>(patch, list);
                return field?.Keys is { } keys ? List(field, keys, target, patch) : patch ?? target;
            case YamlScalar { Kind: not ScalarKind.Null } scalar:
                Expect<YamlScalar>(patch, scalar);
                return patch ?? target;
            case YamlMap map:
                Expect<YamlMap>(patch, map);
                return Map(type, target, patch);
            default:
                return Map(type, target, patch);
        }
    }

    private MergeType? Lookup(YamlNode? node)
    {
        if (node is not YamlMap map || ScalarNodes.Value(map["apiVersion"]) is not { Length: > 0 } version || ScalarNodes.Value(map["kind"]) is not { Length: > 0 } kind)
        {
            return null;
        }

        return schema.For(Gvk.From(version, kind));
    }

    private YamlNode? Map(MergeType? type, YamlNode? target, YamlNode? patch)
    {
        if (ScalarNodes.IsMissing(target))
        {
            if (patch is not YamlMap added)
            {
                // A null without text goes away when anything near it is patched; one that is written stays.
                return patch is null && target is YamlScalar { Source.Length: > 0 } ? target : patch;
            }

            var (directive, rest) = PatchDirectives.Of(added);
            return directive == PatchDirective.Delete ? null : Fields(type, rest, rest);
        }

        if (patch is not YamlMap map)
        {
            return patch is null ? Fields(type, (YamlMap)target!, null) : null;
        }

        var (asked, changes) = PatchDirectives.Of(map);
        return asked switch
        {
            PatchDirective.Delete => null,
            PatchDirective.Replace => Fields(type, changes, changes),
            _ => Fields(type, (YamlMap)target!, changes),
        };
    }

    private YamlMap Fields(MergeType? type, YamlMap target, YamlMap? patch)
    {
        YamlMapBuilder? result = null;
        foreach (var (key, old) in target)
        {
            var merged = Walk(type?[key], old, patch?[key]);
            if (merged is null || (merged.IsNull && !ReferenceEquals(merged, old)) || (merged.IsNull && patch?.ContainsKey(key) == true))
            {
                (result ??= target.ToBuilder()).Remove(key);
            }
            else if (!ReferenceEquals(merged, old))
            {
                (result ??= target.ToBuilder()).Set(key, ScalarNodes.Over(old, merged));
            }
        }

        foreach (var (key, added) in patch ?? YamlMap.Empty)
        {
            if (!target.ContainsKey(key) && Walk(type?[key], null, added) is { IsNull: false } merged)
            {
                (result ??= target.ToBuilder()).Set(key, merged);
            }
        }

        return result?.ToMap(target.Position) ?? target;
    }

    private YamlNode? List(MergeField field, string[] keys, YamlNode? target, YamlNode? patch)
    {
        if (ScalarNodes.IsMissing(target))
        {
            var added = (YamlList)patch!;
            return new KeyedLists(this, field, keys).Merge(added, added);
        }

        var list = (YamlList)target!;
        if (patch is null)
        {
            return new KeyedLists(this, field, keys).Merge(list, null);
        }

        if (patch is not YamlList changes)
        {
            return null;
        }

        var (directive, rest) = PatchDirectives.Of(changes);
        return directive switch
        {
            PatchDirective.Delete => null,
            PatchDirective.Replace => new KeyedLists(this, field, keys).Merge(rest, rest),
            _ => new KeyedLists(this, field, keys).Merge(list, rest),
        };
    }

    private static void Expect<T>(YamlNode? patch, YamlNode target)
        where T : YamlNode
    {
        if (patch is not null && !patch.IsNull && patch is not T)
        {
            throw new KustomizeException(
                $"{(patch.Position.IsKnown ? $"line {patch.Position.Line}: " : "")}wrong node kind: the target has {target.Description} where the patch has {patch.Description}");
        }
    }
}
