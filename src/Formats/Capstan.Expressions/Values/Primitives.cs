namespace Capstan.Expressions;

/// <summary>null.</summary>
internal sealed class NullValue() : ExpressionValue(ValueKind.Null)
{
    public override string Text => "";

    public override double Number => 0;
}

/// <summary>true or false.</summary>
internal sealed class BooleanValue(bool flag) : ExpressionValue(ValueKind.Boolean)
{
    public static readonly BooleanValue True = new(true);

    public static readonly BooleanValue False = new(false);

    public override string Text => flag ? "true" : "false";

    public override double Number => flag ? 1 : 0;
}

/// <summary>A number.</summary>
internal sealed class NumberValue(double number) : ExpressionValue(ValueKind.Number)
{
    public override string Text => JavaScriptNumbers.CoerceToText(number);

    public override double Number => number;
}

/// <summary>A text.</summary>
internal sealed class StringValue(string text) : ExpressionValue(ValueKind.String)
{
    public override string Text => text;

    public override double Number => JavaScriptNumbers.Parse(text);
}
