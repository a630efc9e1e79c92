using System.Text;

namespace Capstan.GoTemplates;

/// <summary>A constant: true, a number, a string, nil.</summary>
internal abstract class LiteralNode(TemplateSource source, int position) : OperandNode(source, position)
{
    public sealed override object? EvaluateCommand(TemplateCall call, object? dot, CommandNode command, object? final)
    {
        call.At(this);
        RefuseArguments(call, command, final);
        return Ideal(call);
    }

    public override object? EvaluateArgument(TemplateCall call, object? dot, GoType? type)
    {
        call.At(this);
        return type is null || type == GoType.Any || type == GoType.Reflected ? Ideal(call) : As(call, type);
    }

    /// <summary>The value where no type is asked for.</summary>
    protected abstract object? Ideal(TemplateCall call);

    /// <summary>The value as a type.</summary>
    protected virtual object? As(TemplateCall call, GoType type) => throw Unfit(call, type);

    protected TemplateException Unfit(TemplateCall call, GoType type) => type.Kind switch
    {
        GoKind.Bool => call.Fail($"expected bool; found {this}"),
        GoKind.String => call.Fail($"expected string; found {this}"),
        GoKind.Int or GoKind.Int8 or GoKind.Int16 or GoKind.Int32 or GoKind.Int64 => call.Fail($"expected integer; found {this}"),
        GoKind.Uint or GoKind.Uint8 or GoKind.Uint16 or GoKind.Uint32 or GoKind.Uint64 => call.Fail($"expected unsigned integer; found {this}"),
        GoKind.Float32 or GoKind.Float64 => call.Fail($"expected float; found {this}"),
        _ => call.Fail($"can't handle {this} for arg of type {type}"),
    };
}

internal sealed class BoolNode(TemplateSource source, int position, bool value) : LiteralNode(source, position)
{
    protected override object? Ideal(TemplateCall call) => GoValues.Bool(value);

    protected override object? As(TemplateCall call, GoType type) => type.Kind == GoKind.Bool ? GoValues.Bool(value) : throw Unfit(call, type);

    public override void WriteTo(StringBuilder output) => output.Append(value ? "true" : "false");
}

internal sealed class StringNode(TemplateSource source, int position, string quoted, string text) : LiteralNode(source, position)
{
    protected override object? Ideal(TemplateCall call) => text;

    protected override object? As(TemplateCall call, GoType type) => type.Kind == GoKind.String ? text : throw Unfit(call, type);

    public override void WriteTo(StringBuilder output) => output.Append(quoted);
}

internal sealed class NilNode(TemplateSource source, int position) : LiteralNode(source, position)
{
    protected override object? Ideal(TemplateCall call) => throw call.Fail("nil is not a command");

    public override object? EvaluateArgument(TemplateCall call, object? dot, GoType? type)
    {
        call.At(this);
        if (type is not null && !type.CanBeNil)
        {
            throw call.Fail($"cannot assign nil to {type}");
        }

        return type == GoType.Reflected ? NoValue.Instance : null;
    }

    public override void WriteTo(StringBuilder output) => output.Append("nil");
}

internal sealed class NumberNode(TemplateSource source, int position, NumberLiteral number) : LiteralNode(source, position)
{
    // Most numbers are small constants of type int: boxed once.
    private readonly object? _ideal = number.Integer is not null || number.Float is not null && number.Unsigned is null ? TryIdeal(number) : null;

    protected override object? Ideal(TemplateCall call)
    {
        if (_ideal is not null)
        {
            return _ideal;
        }

        try
        {
            return number.Ideal();
        }
        catch (GoException error)
        {
            throw call.Fail(error.Message);
        }
    }

    protected override object? As(TemplateCall call, GoType type) => type.Kind switch
    {
        GoKind.Int when number.Integer is { } i => GoValues.Int(i),
        GoKind.Int64 when number.Integer is { } i => i,
        GoKind.Int32 when number.Integer is { } i => unchecked((int)i),
        GoKind.Uint32 when number.Unsigned is { } u => unchecked((uint)u),
        GoKind.Uint64 when number.Unsigned is { } u => u,
        GoKind.Float64 when number.Float is { } f => f,
        _ => throw Unfit(call, type),
    };

    private static object? TryIdeal(NumberLiteral number)
    {
        try
        {
            return number.Ideal();
        }
        catch (GoException)
        {
            // Told when the number is used.
            return null;
        }
    }

    public override void WriteTo(StringBuilder output) => output.Append(number.Text);
}
