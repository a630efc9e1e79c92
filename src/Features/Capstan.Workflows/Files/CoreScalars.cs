using System.Globalization;
using Capstan.Expressions;
using Capstan.Yaml;

namespace Capstan.Workflows.Files;

/// <summary>Plain scalars by the core schema of YAML 1.2, which GitHub reads workflow files by: <c>on</c> and <c>yes</c> are texts, <c>010</c> is ten.</summary>
internal static class CoreScalars
{
    /// <summary>The value of a scalar.</summary>
    public static ExpressionValue Read(YamlScalar scalar)
    {
        if (scalar.Style != ScalarStyle.Plain || !scalar.Position.IsKnown) return Made(scalar);
        var text = scalar.Source;
        if (text is "" or "~" or "null" or "Null" or "NULL") return ExpressionValue.Null;
        if (text is "true" or "True" or "TRUE") return ExpressionValue.Of(true);
        if (text is "false" or "False" or "FALSE") return ExpressionValue.Of(false);
        return IsNumber(text, out var number) ? ExpressionValue.Of(number) : ExpressionValue.Of(text);
    }

    private static ExpressionValue Made(YamlScalar scalar) => scalar.Kind switch
    {
        ScalarKind.Null => ExpressionValue.Null,
        ScalarKind.Boolean => ExpressionValue.Of(scalar.Text == "true"),
        ScalarKind.Integer or ScalarKind.Float => ExpressionValue.Of(scalar.AsDouble()),
        _ => ExpressionValue.Of(scalar.Text),
    };

    private static bool IsNumber(string text, out double number)
    {
        number = 0;
        if (text.Length > 400 || !text.AsSpan().ContainsAnyInRange('0', '9')) return false;
        if (text.StartsWith("0x", StringComparison.Ordinal)) return FromRadix(text[2..], 16, out number);
        if (text.StartsWith("0o", StringComparison.Ordinal)) return FromRadix(text[2..], 8, out number);
        const NumberStyles styles = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
        return double.TryParse(text, styles, CultureInfo.InvariantCulture, out number);
    }

    private static bool FromRadix(string digits, int radix, out double number)
    {
        number = 0;
        foreach (var c in digits)
        {
            var digit = char.IsAsciiHexDigit(c) ? Convert.ToInt32(c.ToString(), 16) : radix;
            if (digit >= radix) return false;
            number = (number * radix) + digit;
        }

        return digits.Length > 0;
    }
}
