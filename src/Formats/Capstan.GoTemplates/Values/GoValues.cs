namespace Capstan.GoTemplates;

/// <summary>What Go's templates ask of values: truth, numbers, equality.</summary>
public static class GoValues
{
    private static readonly object[] SmallInts = [.. Enumerable.Range(-128, 1152).Select(i => (object)(nint)i)];

    /// <summary>A boxed true.</summary>
    public static readonly object True = true;

    /// <summary>A boxed false.</summary>
    public static readonly object False = false;

    /// <summary>A Go int, boxed without an allocation when it is small.</summary>
    public static object Int(long value) => value is >= -128 and < 1024 ? SmallInts[value + 128] : (nint)value;

    /// <summary>A boxed bool.</summary>
    public static object Bool(bool value) => value ? True : False;

    /// <summary>Go's truth: not the zero value of its type and not empty.</summary>
    public static bool IsTrue(object? value) => value switch
    {
        null or NoValue => false,
        bool b => b,
        string s => s.Length > 0,
        GoMap m => m.Count > 0,
        GoList l => l.Count > 0,
        nint i => i != 0,
        long i => i != 0,
        double d => d != 0,
        GoNumber n => n.Value != 0,
        GoObject or GoFunction => true,
        float f => f != 0,
        ulong u => u != 0,
        nuint u => u != 0,
        _ => TryGetInteger(value, out var number) && number != 0,
    };

    /// <summary>The value as a signed integer, when its kind is one of Go's signed or unsigned integers that fits.</summary>
    public static bool TryGetInteger(object? value, out long number)
    {
        switch (value)
        {
            case nint i:
                number = i;
                return true;
            case long i:
                number = i;
                return true;
            case int i:
                number = i;
                return true;
            case short i:
                number = i;
                return true;
            case sbyte i:
                number = i;
                return true;
            case byte i:
                number = i;
                return true;
            case ushort i:
                number = i;
                return true;
            case uint i:
                number = i;
                return true;
            case nuint i when (ulong)i <= long.MaxValue:
                number = (long)i;
                return true;
            case ulong i when i <= long.MaxValue:
                number = (long)i;
                return true;
            case GoNumber i:
                number = i.Value;
                return true;
            default:
                number = 0;
                return false;
        }
    }

    /// <summary>Go's <c>reflect.DeepEqual</c>: the same types and the same content.</summary>
    public static bool DeepEqual(object? left, object? right)
    {
        System.Runtime.CompilerServices.RuntimeHelpers.EnsureSufficientExecutionStack();
        switch (left, right)
        {
            case (null, null):
                return true;
            case (null, _) or (_, null):
                return false;
            case (GoMap a, GoMap b):
                if (a.Type.Name != b.Type.Name || a.Count != b.Count)
                {
                    return false;
                }

                foreach (var key in a.SortedKeys)
                {
                    if (!b.TryGetValue(key, out var other) || !DeepEqual(a[key], other))
                    {
                        return false;
                    }
                }

                return true;
            case (GoList a, GoList b):
                if (a.Type.Name != b.Type.Name || a.Count != b.Count || a.IsNil != b.IsNil)
                {
                    return false;
                }

                for (var i = 0; i < a.Count; i++)
                {
                    if (!DeepEqual(a[i], b[i]))
                    {
                        return false;
                    }
                }

                return true;
            default:
                return left.Equals(right);
        }
    }
}

/// <summary>A number of a named type with its own text, such as a duration.</summary>
public abstract class GoNumber : GoObject
{
    /// <summary>The number underneath.</summary>
    public abstract long Value { get; }
}
