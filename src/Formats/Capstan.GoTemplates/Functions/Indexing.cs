namespace Capstan.GoTemplates;

/// <summary>The functions <c>index</c> and <c>slice</c>.</summary>
internal static class Indexing
{
    public static object? Index(object? item, ReadOnlySpan<object?> indexes)
    {
        if (item is null or NoValue)
        {
            throw new GoException("index of untyped nil");
        }

        foreach (var index in indexes)
        {
            switch (item)
            {
                case null:
                    throw new GoException("index of nil pointer");
                case GoMap map:
                    var key = index switch
                    {
                        string text => text,
                        null or NoValue => throw new GoException("value is nil; should be of type string"),
                        _ => throw new GoException($"value has type {GoType.Of(index)}; should be string"),
                    };
                    item = map.TryGetValue(key, out var value) ? value : FieldAccess.ZeroOf(map.Type.Element!);
                    break;
                case GoList list:
                    item = list[Argument(index, list.Count, "slice")];
                    break;
                case string text:
                    var bytes = GoText.ToBytes(text);
                    item = bytes[Argument(index, bytes.Length, "string")];
                    break;
                default:
                    throw new GoException($"can't index item of type {GoType.Of(item)}");
            }
        }

        return item;
    }

    public static object? Slice(object? item, ReadOnlySpan<object?> indexes)
    {
        if (item is null or NoValue)
        {
            throw new GoException("slice of untyped nil");
        }

        if (indexes.Length > 3)
        {
            throw new GoException($"too many slice indexes: {indexes.Length}");
        }

        if (item is string && indexes.Length == 3)
        {
            throw new GoException("cannot 3-index slice a string");
        }

        var length = item switch
        {
            string text => GoText.ByteLength(text),
            GoList list => list.Count,
            _ => throw new GoException($"can't slice item of type {GoType.Of(item)}"),
        };
        Span<int> bounds = [0, length, length];
        for (var i = 0; i < indexes.Length; i++)
        {
            bounds[i] = Argument(indexes[i], length, null);
        }

        if (bounds[0] > bounds[1])
        {
            throw new GoException($"invalid slice index: {bounds[0]} > {bounds[1]}");
        }

        if (indexes.Length == 3 && bounds[1] > bounds[2])
        {
            throw new GoException($"invalid slice index: {bounds[1]} > {bounds[2]}");
        }

        return item is string s ? GoText.Slice(s, bounds[0], bounds[1]) : ((GoList)item).Slice(bounds[0], bounds[1]);
    }

    // With a name the index must be of an item; without it may also be the end.
    private static int Argument(object? index, int length, string? of)
    {
        if (index is null or NoValue)
        {
            throw new GoException("cannot index slice/array with nil");
        }

        if (!GoValues.TryGetInteger(index, out var number))
        {
            throw new GoException($"cannot index slice/array with type {GoType.Of(index)}");
        }

        if (number < 0 || number > length)
        {
            throw new GoException($"index out of range: {number}");
        }

        return number == length && of is not null ? throw new GoException($"reflect: {of} index out of range") : (int)number;
    }
}
