namespace Capstan.GoTemplates;

/// <summary>Go's rules of comparison: kinds must agree, but for the sign of integers.</summary>
internal static class Comparing
{
    private const string BadType = "invalid type for comparison";

    private enum Basic
    {
        None,
        Bool,
        Int,
        Float,
        String,
        Uint,
    }

    public static bool Equal(object? left, ReadOnlySpan<object?> rights)
    {
        if (rights.IsEmpty)
        {
            throw new GoException("missing argument for comparison");
        }

        foreach (var right in rights)
        {
            if (Equal(left is NoValue ? null : left, right is NoValue ? null : right))
            {
                return true;
            }
        }

        return false;
    }

    public static bool Less(object? left, object? right)
    {
        var (a, b) = (KindOf(left), KindOf(right));
        if (a == Basic.None || b == Basic.None)
        {
            throw new GoException(BadType);
        }

        switch (a, b)
        {
            case (Basic.Int, Basic.Uint) or (Basic.Uint, Basic.Int) or (Basic.Int, Basic.Int) or (Basic.Uint, Basic.Uint):
                return Whole(left!) < Whole(right!);
            case (Basic.Float, Basic.Float):
                return Number(left!) < Number(right!);
            case (Basic.String, Basic.String):
                return GoText.Compare((string)left!, (string)right!) < 0;
            case (Basic.Bool, Basic.Bool):
                throw new GoException(BadType);
            default:
                throw Incompatible(left!, right!);
        }
    }

    private static GoException Incompatible(object left, object right) =>
        new($"incompatible types for comparison: {GoType.Of(left)} and {GoType.Of(right)}");

    private static bool Equal(object? left, object? right)
    {
        var (a, b) = (KindOf(left), KindOf(right));
        switch (a, b)
        {
            case (Basic.Int, Basic.Uint) or (Basic.Uint, Basic.Int) or (Basic.Int, Basic.Int) or (Basic.Uint, Basic.Uint):
                return Whole(left!) == Whole(right!);
            case (Basic.Float, Basic.Float):
                return Number(left!) == Number(right!);
            case (Basic.String, Basic.String):
                return (string)left! == (string)right!;
            case (Basic.Bool, Basic.Bool):
                return (bool)left! == (bool)right!;
            case (Basic.None, Basic.None):
                return OtherEqual(left, right);
            default:
                return left is null || right is null ? false : throw Incompatible(left, right);
        }
    }

    private static bool OtherEqual(object? left, object? right)
    {
        if (left is null || right is null)
        {
            return IsNil(left) == IsNil(right);
        }

        var (a, b) = (GoType.Of(left), GoType.Of(right));
        if (a.Kind != b.Kind)
        {
            throw new GoException($"non-comparable types {GoFormat.Sprintf("%s", [left])}: {a}, {b}: {GoFormat.Sprint(right)}");
        }

        if (IsNil(left) || IsNil(right))
        {
            return IsNil(left) == IsNil(right);
        }

        return b.Kind is GoKind.Map or GoKind.Slice or GoKind.Func
            ? throw new GoException($"non-comparable type {GoFormat.Sprintf("%s", [right])}: {b}")
            : left.Equals(right);
    }

    private static bool IsNil(object? value) => value is null or GoList { IsNil: true };

    private static Basic KindOf(object? value) => value switch
    {
        string => Basic.String,
        bool => Basic.Bool,
        nint or long or int or short or sbyte or GoNumber => Basic.Int,
        double or float => Basic.Float,
        nuint or ulong or uint or ushort or byte => Basic.Uint,
        _ => Basic.None,
    };

    private static Int128 Whole(object value) => value switch
    {
        ulong u => u,
        nuint u => u,
        _ => GoValues.TryGetInteger(value, out var number) ? number : 0,
    };

    private static double Number(object value) => value is float single ? single : (double)value;
}
