namespace Capstan.Expressions;

/// <summary>What a value is.</summary>
public enum ValueKind
{
    /// <summary>null.</summary>
    Null,

    /// <summary>true or false.</summary>
    Boolean,

    /// <summary>A double.</summary>
    Number,

    /// <summary>A text.</summary>
    String,

    /// <summary>A list.</summary>
    Array,

    /// <summary>Names with values.</summary>
    Object,
}

/// <summary>A value of the expression language. Values do not change.</summary>
public abstract class ExpressionValue
{
    private protected ExpressionValue(ValueKind kind) => Kind = kind;

    /// <summary>What it is.</summary>
    public ValueKind Kind { get; }

    /// <summary>Whether it is neither a list nor an object.</summary>
    public bool IsPrimitive => Kind is not (ValueKind.Array or ValueKind.Object);

    /// <summary>The value as text: null is empty, lists and objects are <c>Array</c> and <c>Object</c>.</summary>
    public abstract string Text { get; }

    /// <summary>The value as a number: false and null are 0, what is no number is NaN.</summary>
    public abstract double Number { get; }

    /// <summary>Whether it counts as true: all but null, false, 0, NaN and the empty text.</summary>
    public bool IsTruthy => Kind switch
    {
        ValueKind.Null => false,
        ValueKind.Boolean or ValueKind.Number => Number != 0 && !double.IsNaN(Number),
        ValueKind.String => Text.Length > 0,
        _ => true,
    };

    /// <summary>null.</summary>
    public static ExpressionValue Null { get; } = new NullValue();

    /// <summary>true or false.</summary>
    public static ExpressionValue Of(bool flag) => flag ? BooleanValue.True : BooleanValue.False;

    /// <summary>A number.</summary>
    public static ExpressionValue Of(double number) => new NumberValue(number);

    /// <summary>A text; null for the C# null.</summary>
    public static ExpressionValue Of(string? text) => text is null ? Null : new StringValue(text);

    /// <inheritdoc/>
    public override string ToString() => Text;
}
