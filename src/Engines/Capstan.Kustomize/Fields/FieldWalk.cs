using System.Runtime.CompilerServices;
using Capstan.Kustomize.Resources;
using Capstan.Yaml;

namespace Capstan.Kustomize.Fields;

/// <summary>What is made where a field is missing.</summary>
internal enum CreatedKind
{
    Nothing,
    Scalar,
    Map,
}

/// <summary>Changes the fields that a path leads to; lists on the way are walked item by item.</summary>
/// <param name="spec">The fields.</param>
/// <param name="set">Gives the new value for the one that is there.</param>
/// <param name="created">What is made where the field is missing and the specification says so.</param>
internal readonly struct FieldWalk(FieldSpec spec, Func<YamlNode, YamlNode> set, CreatedKind created = CreatedKind.Nothing)
{
    private readonly bool _creates = spec.Create && created != CreatedKind.Nothing;

    /// <summary>Changes a resource when the specification is for its kind.</summary>
    public void Apply(Resource resource)
    {
        if (!resource.Id.Gvk.IsSelectedBy(spec.Gvk))
        {
            return;
        }

        try
        {
            resource.Body = (YamlMap)Walk(resource.Body, 0);
        }
        catch (KustomizeException error) when (error.File is null)
        {
            throw new KustomizeException(
                $"considering field '{spec.Path}' of object {resource.Id}: {error.Problem}",
                resource.File.Length > 0 ? resource.File : null, resource.Line > 0 ? new Position(resource.Line, 1) : default, error.Kind, error);
        }
    }

    private YamlNode Walk(YamlNode node, int at)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        if (at == spec.Parts.Length)
        {
            return set(node);
        }

        switch (node)
        {
            case YamlMap map:
                return Map(map, at);
            case YamlList list:
                YamlNode[]? items = null;
                for (var i = 0; i < list.Count; i++)
                {
                    var changed = Walk(list[i], at);
                    if (!ReferenceEquals(changed, list[i]))
                    {
                        (items ??= list.AsSpan().ToArray())[i] = changed;
                    }
                }

                return items is null ? list : new YamlList(items, list.Position);
            case { IsNull: true }:
                return node;
            default:
                throw new KustomizeException($"expected sequence or mapping node, found {node.Description}{(node.Position.IsKnown ? $" at line {node.Position.Line}" : "")}");
        }
    }

    private YamlMap Map(YamlMap map, int at)
    {
        var (name, isList) = spec.Parts[at];
        if (name.Length == 0)
        {
            throw new KustomizeException("cannot set or create an empty field name");
        }

        var value = map[name];
        YamlNode? made = (_creates && !isList, isList, at == spec.Parts.Length - 1 && created == CreatedKind.Scalar) switch
        {
            (true, _, true) => YamlScalar.Empty,
            (true, _, false) => YamlMap.Empty,
            (_, true, _) when value is not null => YamlList.Empty,
            _ => null,
        };
        if (value is null || value.IsNull)
        {
            value = made ?? value;
        }

        if (value is null)
        {
            return map;
        }

        var changed = Walk(value, at + 1);
        return map.With(name, changed);
    }
}
