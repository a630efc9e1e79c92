namespace Capstan.Expressions;

/// <summary>Loose comparison, as the language's reference describes it: values of different kinds are compared as numbers, texts without
/// regard to case, lists and objects by identity.</summary>
public static class Comparison
{
    /// <summary>Whether <c>left == right</c>.</summary>
    public static bool AreEqual(ExpressionValue left, ExpressionValue right)
    {
        (left, right) = Coerce(left, right);
        if (left.Kind != right.Kind) return false;
        return left.Kind switch
        {
            ValueKind.Null => true,
            ValueKind.Number or ValueKind.Boolean => left.Number == right.Number,
            ValueKind.String => string.Equals(left.Text, right.Text, StringComparison.OrdinalIgnoreCase),
            _ => ReferenceEquals(left, right),
        };
    }

    /// <summary>Whether <c>left &gt; right</c>; false for what has no order.</summary>
    public static bool IsGreater(ExpressionValue left, ExpressionValue right)
    {
        (left, right) = Coerce(left, right);
        return left.Kind == right.Kind && left.Kind switch
        {
            ValueKind.Number or ValueKind.Boolean => left.Number > right.Number,
            ValueKind.String => string.Compare(left.Text, right.Text, StringComparison.OrdinalIgnoreCase) > 0,
            _ => false,
        };
    }

    /// <summary>Whether <c>left &lt; right</c>; false for what has no order.</summary>
    public static bool IsLess(ExpressionValue left, ExpressionValue right) => IsGreater(right, left);

    private static (ExpressionValue Left, ExpressionValue Right) Coerce(ExpressionValue left, ExpressionValue right)
    {
        if (left.Kind == right.Kind) return (left, right);
        if (left.Kind is ValueKind.Null or ValueKind.Boolean) left = ExpressionValue.Of(left.Number);
        if (right.Kind is ValueKind.Null or ValueKind.Boolean) right = ExpressionValue.Of(right.Number);
        if (left.Kind == ValueKind.Number && right.Kind == ValueKind.String) right = ExpressionValue.Of(right.Number);
        if (left.Kind == ValueKind.String && right.Kind == ValueKind.Number) left = ExpressionValue.Of(left.Number);
        return (left, right);
    }
}
