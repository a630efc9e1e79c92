using System.Globalization;

namespace Capstan.Yaml;

/// <summary>What a scalar is after its tag was resolved.</summary>
public enum ScalarKind : byte
{
    /// <summary>A string.</summary>
    String,

    /// <summary>An integer; usually it fits a <see cref="long"/>.</summary>
    Integer,

    /// <summary>A number with a fraction or an exponent, or one too large for an integer.</summary>
    Float,

    /// <summary>true or false.</summary>
    Boolean,

    /// <summary>null.</summary>
    Null,
}

/// <summary>How a scalar was written in its file. Does not count in comparisons.</summary>
public enum ScalarStyle : byte
{
    /// <summary>Without quotes, or made by code.</summary>
    Plain,

    /// <summary>In single quotes.</summary>
    SingleQuoted,

    /// <summary>In double quotes.</summary>
    DoubleQuoted,

    /// <summary>A <c>|</c> block.</summary>
    Literal,

    /// <summary>A <c>&gt;</c> block.</summary>
    Folded,
}

/// <summary>A string, number, boolean or null.</summary>
public sealed class YamlScalar : YamlNode
{
    /// <summary>The null without a position.</summary>
    public static readonly YamlScalar Null = new("null", ScalarKind.Null);

    /// <summary>The true without a position.</summary>
    public static readonly YamlScalar True = new("true", ScalarKind.Boolean);

    /// <summary>The false without a position.</summary>
    public static readonly YamlScalar False = new("false", ScalarKind.Boolean);

    /// <summary>The empty string without a position.</summary>
    public static readonly YamlScalar Empty = new("", ScalarKind.String);

    private static readonly YamlScalar[] SmallIntegers = [.. Enumerable.Range(0, 256)
        .Select(i => new YamlScalar(i.ToString(CultureInfo.InvariantCulture), ScalarKind.Integer))];

    /// <summary>Makes a scalar from its canonical text.</summary>
    /// <param name="text">The string; for other kinds the canonical JSON text (<c>12</c>, <c>1.5</c>, <c>true</c>, <c>null</c>).</param>
    /// <param name="kind">What it is.</param>
    /// <param name="style">How it was written.</param>
    /// <param name="position">Where it begins in its file.</param>
    public YamlScalar(string text, ScalarKind kind, ScalarStyle style = ScalarStyle.Plain, Position position = default)
        : base(position)
    {
        Text = text;
        Kind = kind;
        Style = style;
    }

    /// <summary>The string itself; for other kinds the canonical JSON text.</summary>
    public string Text { get; }

    /// <summary>
    /// The text as it was written, where that is not <see cref="Text"/> (<c>1.10</c>, <c>0644</c>, an empty null); otherwise the same.
    /// Does not count in comparisons.
    /// </summary>
    public string Source
    {
        get => field ?? Text;
        init;
    }

    /// <summary>What the scalar is.</summary>
    public ScalarKind Kind { get; }

    /// <summary>How the scalar was written.</summary>
    public ScalarStyle Style { get; }

    /// <summary>True for integers and floats.</summary>
    public bool IsNumber => Kind is ScalarKind.Integer or ScalarKind.Float;

    /// <inheritdoc/>
    public override string Description => Kind switch
    {
        ScalarKind.String => "a string",
        ScalarKind.Integer => "an integer",
        ScalarKind.Float => "a number",
        ScalarKind.Boolean => "a boolean",
        _ => "null",
    };

    /// <summary>A string scalar.</summary>
    public static YamlScalar String(string text, Position position = default) =>
        text.Length == 0 && !position.IsKnown ? Empty : new(text, ScalarKind.String, ScalarStyle.Plain, position);

    /// <summary>An integer scalar.</summary>
    public static YamlScalar Integer(long number) => number is >= 0 and < 256
        ? SmallIntegers[number]
        : new(number.ToString(CultureInfo.InvariantCulture), ScalarKind.Integer);

    /// <summary>A float scalar, its text as Go's encoding/json would write it.</summary>
    public static YamlScalar Float(double number) => new(GoNumbers.Format(number), ScalarKind.Float);

    /// <summary>A boolean scalar.</summary>
    public static YamlScalar Boolean(bool flag) => flag ? True : False;

    /// <summary>The integer, when the scalar is one that fits a <see cref="long"/> (a float with an integral value is not one).</summary>
    public bool TryGetInteger(out long number)
    {
        number = 0;
        return Kind == ScalarKind.Integer && long.TryParse(Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number);
    }

    /// <summary>The number as a double; 0 when the scalar is no number.</summary>
    public double AsDouble() =>
        IsNumber && double.TryParse(Text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : 0;

    /// <summary>The same scalar somewhere else.</summary>
    public YamlScalar At(Position position) => new(Text, Kind, Style, position) { Source = Source };

    private protected override bool ContentEquals(YamlNode other)
    {
        if (other is not YamlScalar scalar)
        {
            return false;
        }

        if (Kind == scalar.Kind && Kind != ScalarKind.Float)
        {
            return Text == scalar.Text;
        }

        return IsNumber && scalar.IsNumber && AsDouble().Equals(scalar.AsDouble());
    }

    private protected override int ContentHash() => IsNumber ? AsDouble().GetHashCode() : HashCode.Combine(Kind, Text);
}
