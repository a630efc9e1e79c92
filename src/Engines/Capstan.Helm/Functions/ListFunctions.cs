using Capstan.GoTemplates;
using static Capstan.Helm.Functions.FunctionTable;

namespace Capstan.Helm.Functions;

/// <summary>Lists. Lists do not change: every function gives a new one.</summary>
internal static class ListFunctions
{
    private static readonly GoType ListOfLists = GoType.ListOf(GoType.ListOfAny);

    public static readonly GoFunction[] All =
    [
        Variadic("list", [GoType.Any], static (_, a) => new GoArray((object?[])a.Clone())),
        Variadic("tuple", [GoType.Any], static (_, a) => new GoArray((object?[])a.Clone())),
        .. Both("append", [GoType.Any, GoType.Any], static (_, a) => new GoArray([.. Items(a[0], "Cannot push on type"), a[1]])),
        .. Both("push", [GoType.Any, GoType.Any], static (_, a) => new GoArray([.. Items(a[0], "Cannot push on type"), a[1]])),
        .. Both("prepend", [GoType.Any, GoType.Any], static (_, a) => new GoArray([a[1], .. Items(a[0], "Cannot prepend on type")])),
        .. Both("first", [GoType.Any], static (_, a) => Items(a[0], "Cannot find first on type").FirstOrDefault()),
        .. Both("last", [GoType.Any], static (_, a) => Items(a[0], "Cannot find last on type").LastOrDefault()),
        .. Both("rest", [GoType.Any], static (_, a) => Items(a[0], "Cannot find rest on type") is { Length: > 0 } l ? new GoArray(l[1..]) : GoArray.Nil),
        .. Both("initial", [GoType.Any], static (_, a) => Items(a[0], "Cannot find initial on type") is { Length: > 0 } l ? new GoArray(l[..^1]) : GoArray.Nil),
        .. Both("reverse", [GoType.Any], static (_, a) => new GoArray([.. Items(a[0], "Cannot find reverse on type").Reverse()])),
        .. Both("compact", [GoType.Any], static (_, a) => new GoArray([.. Items(a[0], "Cannot compact on type").Where(static v => !DefaultFunctions.IsEmpty(v))])),
        .. Both("uniq", [GoType.Any], static (call, a) => Unique(call, Items(a[0], "Cannot find uniq on type"))),
        .. BothVariadic("without", [GoType.Any, GoType.Any], static (_, a) =>
            new GoArray([.. Items(a[0], "Cannot find without on type").Where(v => !Holds(a.AsSpan(1), v))])),
        .. Both("has", [GoType.Any, GoType.Any], static (_, a) =>
            GoValues.Bool(a[1] is not null && Holds(Items(a[1], "Cannot find has on type"), a[0]))),
        .. BothVariadic("slice", [GoType.Any, GoType.Any], static (_, a) => Slice(a)),
        .. Both("chunk", [GoType.Int, GoType.Any], static (_, a) => Chunk(a.Int(0), Items(a[1], "Cannot chunk type"))),
        Variadic("concat", [GoType.Any], static (_, a) => Concat(a)),
        Of("sortAlpha", [GoType.Any], static (_, a) => SortAlpha(a[0])),
    ];

    /// <summary>Whether a list holds an equal value.</summary>
    internal static bool Holds(ReadOnlySpan<object?> items, object? value)
    {
        foreach (var item in items)
        {
            if (GoValues.DeepEqual(value, item))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The items of a list.</summary>
    /// <exception cref="GoException">The value is no list.</exception>
    internal static object?[] Items(object? value, string refusal)
    {
        switch (value)
        {
            case GoArray array:
                return array.AsSpan().ToArray();
            case GoList list:
                var items = new object?[list.Count];
                for (var i = 0; i < items.Length; i++)
                {
                    items[i] = list[i];
                }

                return items;
            case null:
                throw new GoException("runtime error: invalid memory address or nil pointer dereference");
            default:
                throw new GoException($"{refusal} {GoType.Of(value).KindName}");
        }
    }

    private static GoFunction[] Both(string name, GoType[] parameters, GoFunctionBody body) =>
        [Of(name, parameters, body), Of(Must(name), parameters, body)];

    private static GoFunction[] BothVariadic(string name, GoType[] parameters, GoFunctionBody body) =>
        [Variadic(name, parameters, body), Variadic(Must(name), parameters, body)];

    private static string Must(string name) => $"must{char.ToUpperInvariant(name[0])}{name[1..]}";

    private static GoArray Unique(TemplateCall call, object?[] items)
    {
        var unique = new List<object?>();
        var texts = new HashSet<string>(StringComparer.Ordinal);
        foreach (var item in items)
        {
            call.Budget.Step();
            if (item is string text ? texts.Add(text) : !Holds(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(unique), item))
            {
                unique.Add(item);
            }
        }

        return new GoArray([.. unique]);
    }

    private static GoArray? Slice(object?[] a)
    {
        var items = Items(a[0], "list should be type of slice or array but");
        if (items.Length == 0)
        {
            return null;
        }

        var start = a.Length > 1 ? Conversions.ToInt64(a[1]) : 0;
        var end = a.Length > 2 ? Conversions.ToInt64(a[2]) : items.Length;
        return start < 0 || end < start || end > items.Length
            ? throw new GoException("reflect.Value.Slice: slice index out of bounds")
            : new GoArray(items[(int)start..(int)end], ((GoList)a[0]!).Type);
    }

    private static GoArray Chunk(int size, object?[] items)
    {
        if (size <= 0)
        {
            throw new GoException("runtime error: makeslice: len out of range");
        }

        return new GoArray([.. items.Chunk(size).Select(static c => new GoArray(c))], ListOfLists);
    }

    private static GoArray Concat(object?[] lists)
    {
        if (lists.Length == 0)
        {
            return GoArray.Nil;
        }

        var all = new List<object?>();
        foreach (var list in lists)
        {
            if (list is not GoList)
            {
                throw new GoException(list is null
                    ? "runtime error: invalid memory address or nil pointer dereference"
                    : $"Cannot concat type {GoType.Of(list).KindName} as list");
            }

            all.AddRange(Items(list, ""));
        }

        return all.Count == 0 ? GoArray.Nil : new GoArray([.. all]);
    }

    private static GoArray SortAlpha(object? value)
    {
        var texts = value is GoList ? Conversions.ToTexts(value) : [Conversions.ToText(value)];
        Array.Sort(texts, GoText.Compare);
        return GoArray.OfStrings(texts);
    }
}
