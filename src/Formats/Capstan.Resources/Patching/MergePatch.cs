using System.Runtime.CompilerServices;
using Capstan.Yaml;

namespace Capstan.Resources;

/// <summary>JSON merge patches (RFC 7386): a null removes, a map merges, anything else replaces.</summary>
public static class MergePatch
{
    /// <summary>Applies a patch. Keys keep their order, new ones go to the end.</summary>
    public static YamlNode Apply(YamlNode target, YamlNode patch)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        if (patch is not YamlMap changes)
        {
            return patch;
        }

        var result = (target as YamlMap ?? YamlMap.Empty).ToBuilder();
        foreach (var (key, change) in changes)
        {
            if (change.IsNull)
            {
                result.Remove(key);
            }
            else
            {
                result.Set(key, Apply(result.TryGetValue(key, out var old) ? old : YamlScalar.Null, change));
            }
        }

        return result.ToMap((target as YamlMap ?? changes).Position);
    }

    /// <summary>
    /// The patch that turns one tree into another. A merge patch cannot set a null within a map: where the second tree has one, the key is
    /// removed.
    /// </summary>
    public static YamlNode Create(YamlNode from, YamlNode to)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        if (from is not YamlMap before || to is not YamlMap after)
        {
            return to;
        }

        var patch = new YamlMapBuilder();
        foreach (var (key, _) in before)
        {
            if (after[key] is null)
            {
                patch.Set(key, YamlScalar.Null);
            }
        }

        foreach (var (key, wanted) in after)
        {
            if (before[key] is not { } known)
            {
                patch.Set(key, wanted);
            }
            else if (!known.Equals(wanted))
            {
                patch.Set(key, Create(known, wanted));
            }
        }

        return patch.ToMap();
    }
}
