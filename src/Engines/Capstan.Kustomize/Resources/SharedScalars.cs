using System.Runtime.CompilerServices;
using Capstan.Yaml;

namespace Capstan.Kustomize.Resources;

/// <summary>
/// Texts that one transformer put into several fields of a resource. kustomize puts one and the same node there, so that whoever writes into
/// one of the fields in place writes into all of them: a label that an overlay overrides in <c>metadata</c> changes in the selector too when
/// <c>commonLabels</c> of a base set both. Selectors cannot be changed in a cluster, so this counts.
/// </summary>
internal sealed class SharedScalars
{
    private readonly HashSet<YamlScalar> _shared = new(ReferenceEqualityComparer.Instance);
    private readonly List<(YamlScalar Old, YamlScalar New)> _changes = [];

    /// <summary>Remembers a text that is in several fields.</summary>
    public void Add(YamlScalar scalar) => _shared.Add(scalar);

    /// <summary>Says that a field's text was changed in place.</summary>
    public void Change(YamlNode? old, YamlScalar changed)
    {
        if (old is YamlScalar scalar && _shared.Contains(scalar))
        {
            _changes.Add((scalar, changed));
        }
    }

    /// <summary>Makes the changes in the other fields, too.</summary>
    public YamlMap Settle(YamlMap body)
    {
        foreach (var (old, changed) in _changes)
        {
            body = (YamlMap)Replace(body, old, changed);
            _shared.Remove(old);
            _shared.Add(changed);
        }

        _changes.Clear();
        return body;
    }

    private static YamlNode Replace(YamlNode node, YamlScalar old, YamlScalar changed)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        if (ReferenceEquals(node, old))
        {
            return changed;
        }

        switch (node)
        {
            case YamlMap map:
                YamlMapBuilder? builder = null;
                foreach (var (key, value) in map)
                {
                    var replaced = Replace(value, old, changed);
                    if (!ReferenceEquals(replaced, value))
                    {
                        (builder ??= map.ToBuilder()).Set(key, replaced);
                    }
                }

                return builder?.ToMap(map.Position) ?? map;
            case YamlList list:
                YamlNode[]? items = null;
                for (var i = 0; i < list.Count; i++)
                {
                    var replaced = Replace(list[i], old, changed);
                    if (!ReferenceEquals(replaced, list[i]))
                    {
                        (items ??= list.AsSpan().ToArray())[i] = replaced;
                    }
                }

                return items is null ? list : new YamlList(items, list.Position);
            default:
                return node;
        }
    }
}
