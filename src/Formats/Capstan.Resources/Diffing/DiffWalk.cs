using System.Runtime.CompilerServices;
using Capstan.Yaml;

namespace Capstan.Resources;

/// <summary>Walks a desired and a live object side by side.</summary>
internal sealed class DiffWalk(FieldOwners owners, bool isBuiltIn)
{
    public List<FieldDifference> Differences { get; } = [];

    public void Compare(YamlNode wanted, YamlNode live, YamlNode? last, SchemaNode schema, FieldPath path, bool inAtomic = false)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        switch (wanted, live)
        {
            case (YamlMap left, YamlMap right):
                Maps(left, right, last as YamlMap, schema, path, inAtomic || schema.Map is { IsAtomic: true });
                break;
            case (YamlList left, YamlList right) when !inAtomic && schema.List is { Type: not ListType.Atomic }:
                Keyed(left, right, last as YamlList, schema, path);
                break;
            case (YamlList left, YamlList right) when left.Count == right.Count:
                for (var i = 0; i < left.Count; i++)
                {
                    Compare(left[i], right[i], null, schema.Items, path.Then(PathElement.Index(i)), true);
                }

                break;
            default:
                if (!ScalarComparison.AreSame(wanted, live, schema.Scalar) && !(ScalarComparison.IsEmpty(wanted) && ScalarComparison.IsEmpty(live)))
                {
                    Add(path, wanted, live);
                }

                break;
        }
    }

    private void Maps(YamlMap wanted, YamlMap live, YamlMap? last, SchemaNode schema, FieldPath path, bool atomic)
    {
        foreach (var (key, want) in wanted)
        {
            var field = path.Then(key);
            if (live[key] is { } found)
            {
                Compare(want, found, last?[key], schema.Field(key), field, atomic);
            }
            else if (!ScalarComparison.IsEmpty(want) && !(isBuiltIn && schema.Map?.Fields.ContainsKey(key) == true && ScalarComparison.IsZero(want)))
            {
                Add(field, want, null);
            }
        }

        // A key field that is left out of an item stands for its default, which the item was found by.
        var identity = path.Elements.Count > 0 ? path.Elements[^1].Keys : null;
        foreach (var (key, found) in live)
        {
            if (!wanted.ContainsKey(key) && identity?.ContainsKey(key) != true)
            {
                Extra(found, last?[key], schema.Field(key), path.Then(key), atomic);
            }
        }
    }

    private void Keyed(YamlList wanted, YamlList live, YamlList? last, SchemaNode schema, FieldPath path)
    {
        var (before, found, kept) = (ByKey(last ?? YamlList.Empty, schema), ByKey(live, schema), ByKey(wanted, schema));
        foreach (var (key, want) in kept)
        {
            if (found.TryGetValue(key, out var item))
            {
                Compare(want, item, before.GetValueOrDefault(key), schema.Items, path.Then(key));
            }
            else
            {
                Add(path.Then(key), want, null);
            }
        }

        foreach (var (key, item) in found)
        {
            if (!kept.ContainsKey(key))
            {
                Extra(item, before.GetValueOrDefault(key), schema.Items, path.Then(key), false);
            }
        }
    }

    // A live field that is not desired: ours to remove when we applied it, else a server's default or another's field.
    private void Extra(YamlNode live, YamlNode? last, SchemaNode schema, FieldPath path, bool inAtomic)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        if (ScalarComparison.IsEmpty(live))
        {
            return;
        }

        if (inAtomic)
        {
            // Who adds to a value that is one piece takes all of it over; while we own it, an addition is a default.
            if (OwnedByOthersAlone(path))
            {
                Add(path, null, live);
            }

            return;
        }

        if (owners.Ours.Has(path) || (last is not null && live is not YamlMap))
        {
            Add(path, null, live);
            return;
        }

        switch (live)
        {
            case YamlMap map when last is not null || !owners.Ours.Below(path).IsEmpty:
                foreach (var (key, value) in map)
                {
                    Extra(value, (last as YamlMap)?[key], schema.Field(key), path.Then(key), false);
                }

                break;
            case YamlList list when schema.List is { Type: not ListType.Atomic } && !owners.Ours.Below(path).IsEmpty:
                foreach (var (key, item) in ByKey(list, schema))
                {
                    Extra(item, null, schema.Items, path.Then(key), false);
                }

                break;
            default:
                break;
        }
    }

    private bool OwnedByOthersAlone(FieldPath path)
    {
        for (var length = path.Elements.Count - 1; length > 0; length--)
        {
            var above = new FieldPath([.. path.Elements.Take(length)]);
            if (owners.Ours.Has(above))
            {
                return false;
            }

            if (owners.Others.Has(above))
            {
                return !owners.Ours.IsEmpty;
            }
        }

        return false;
    }

    private void Add(FieldPath path, YamlNode? wanted, YamlNode? live)
    {
        var writer = owners.WriterOf(path);
        Differences.Add(new FieldDifference(path, wanted, live, writer?.Manager ?? "", writer?.Time));
    }

    private static Dictionary<PathElement, YamlNode> ByKey(YamlList list, SchemaNode schema)
    {
        var result = new Dictionary<PathElement, YamlNode>(list.Count);
        for (var i = 0; i < list.Count; i++)
        {
            result[ListKeys.TryOf(list[i], schema.List!) ?? PathElement.Index(i)] = list[i];
        }

        return result;
    }
}
