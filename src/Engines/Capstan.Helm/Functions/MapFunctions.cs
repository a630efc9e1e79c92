using System.Runtime.CompilerServices;
using Capstan.GoTemplates;
using static Capstan.Helm.Functions.FunctionTable;

namespace Capstan.Helm.Functions;

/// <summary>Maps.</summary>
internal static class MapFunctions
{
    private static readonly GoType Map = GoType.MapOfAny;
    private static readonly GoMap Empty = new();

    public static readonly GoFunction[] All =
    [
        Variadic("dict", [GoType.Any], static (_, a) => Dict(a)),
        Of("get", [Map, GoType.String], static (_, a) => At(a, 0).TryGetValue(a.Text(1), out var value) ? value : ""),
        Of("set", [Map, GoType.String, GoType.Any], static (_, a) => Set(a)),
        Of("unset", [Map, GoType.String], static (_, a) => Unset(a)),
        Of("hasKey", [Map, GoType.String], static (_, a) => GoValues.Bool(At(a, 0).ContainsKey(a.Text(1)))),
        Variadic("pluck", [GoType.String, Map], static (_, a) => Pluck(a)),
        Variadic("keys", [Map], static (_, a) => GoArray.OfStrings(Enumerable.Range(0, a.Length).SelectMany(i => At(a, i).SortedKeys))),
        Variadic("pick", [Map, GoType.String], static (_, a) => Pick(a)),
        Variadic("omit", [Map, GoType.String], static (_, a) => Omit(a)),
        Variadic("merge", [Map, Map], static (_, a) => MergeAll(a, overwrite: false)),
        Variadic("mustMerge", [Map, Map], static (_, a) => MergeAll(a, overwrite: false)),
        Variadic("mergeOverwrite", [Map, Map], static (_, a) => MergeAll(a, overwrite: true)),
        Variadic("mustMergeOverwrite", [Map, Map], static (_, a) => MergeAll(a, overwrite: true)),
        Of("values", [Map], static (_, a) => new GoArray([.. At(a, 0).SortedKeys.Select(k => At(a, 0)[k])])),
        Of("deepCopy", [GoType.Any], static (_, a) => DeepCopy(a[0])),
        Of("mustDeepCopy", [GoType.Any], static (_, a) => DeepCopy(a[0])),
        Variadic("dig", [GoType.Any], static (_, a) => Dig(a)),
    ];

    /// <summary>A copy that shares nothing that can change.</summary>
    internal static object? DeepCopy(object? value)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        switch (value)
        {
            case GoMap map:
                var copy = map.GetType() == typeof(GoMap) ? new GoMap(map.Type, map.Count) : new GoMap(GoType.MapOfAny, map.Count);
                foreach (var key in map.SortedKeys)
                {
                    copy[key] = DeepCopy(map[key]);
                }

                return copy;
            case GoArray { IsNil: false } array:
                var items = array.AsSpan().ToArray();
                for (var i = 0; i < items.Length; i++)
                {
                    items[i] = DeepCopy(items[i]);
                }

                return new GoArray(items, array.Type);
            default:
                return value;
        }
    }

    private static GoMap At(object?[] arguments, int index) => (GoMap?)arguments[index] ?? Empty;

    private static GoMap Dict(object?[] a)
    {
        var map = new GoMap(capacity: (a.Length + 1) / 2);
        for (var i = 0; i < a.Length; i += 2)
        {
            map[Conversions.ToText(a[i])] = i + 1 < a.Length ? a[i + 1] : "";
        }

        return map;
    }

    private static GoMap Set(object?[] a)
    {
        var map = (GoMap?)a[0] ?? throw new GoException("assignment to entry in nil map");
        map[a.Text(1)] = a[2];
        return map;
    }

    private static GoMap Unset(object?[] a)
    {
        At(a, 0).Remove(a.Text(1));
        return At(a, 0);
    }

    private static GoArray Pluck(object?[] a)
    {
        var found = new List<object?>();
        for (var i = 1; i < a.Length; i++)
        {
            if (At(a, i).TryGetValue(a.Text(0), out var value))
            {
                found.Add(value);
            }
        }

        return new GoArray([.. found]);
    }

    private static GoMap Pick(object?[] a)
    {
        var map = new GoMap();
        for (var i = 1; i < a.Length; i++)
        {
            if (At(a, 0).TryGetValue(a.Text(i), out var value))
            {
                map[a.Text(i)] = value;
            }
        }

        return map;
    }

    private static GoMap Omit(object?[] a)
    {
        var map = new GoMap(At(a, 0), GoType.MapOfAny);
        for (var i = 1; i < a.Length; i++)
        {
            map.Remove(a.Text(i));
        }

        return map;
    }

    private static GoMap MergeAll(object?[] a, bool overwrite)
    {
        var target = (GoMap?)a[0] ?? new GoMap();
        for (var i = 1; i < a.Length; i++)
        {
            Merge(target, At(a, i), overwrite);
        }

        return target;
    }

    // mergo's rules: maps are merged, an empty value counts as absent, and only overwriting replaces what is there.
    private static void Merge(GoMap target, GoMap source, bool overwrite)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        if (ReferenceEquals(target, source))
        {
            return;
        }

        foreach (var key in source.SortedKeys)
        {
            var value = source[key];
            var present = target.TryGetValue(key, out var known);
            if (value is null)
            {
                if (overwrite)
                {
                    target[key] = null;
                }
            }
            else if (value is GoMap inner && known is GoMap into)
            {
                Merge(into, inner, overwrite);
                if (into.Count == 0)
                {
                    target[key] = value;
                }
            }
            else if (overwrite || !present || DefaultFunctions.IsEmpty(known))
            {
                target[key] = value;
            }
        }
    }

    private static object? Dig(object?[] a)
    {
        if (a.Length < 3)
        {
            throw new GoException("dig needs at least three arguments");
        }

        var map = AsMap(a[^1]);
        for (var i = 0; i < a.Length - 2; i++)
        {
            var key = a[i] as string ?? throw Conversion(a[i], "string");
            if (!map.TryGetValue(key, out var step))
            {
                return a[^2];
            }

            if (i == a.Length - 3)
            {
                return step;
            }

            map = AsMap(step);
        }

        return null;
    }

    private static GoMap AsMap(object? value) =>
        value is GoMap map && map.Type.Name == Map.Name ? map : throw Conversion(value, Map.Name);

    private static GoException Conversion(object? value, string wanted) => new(
        $"interface conversion: interface {{}} is {(value is null ? "nil" : GoType.Of(value).Name)}, not {wanted}");
}
