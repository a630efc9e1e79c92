using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace Capstan.GoTemplates;

/// <summary>Writes one value after the other with the flags of a printf verb.</summary>
internal sealed class FormatWriter(StringBuilder output)
{
    private const int LongestDecimal = 1_000_000;

    private bool _sharpValue;
    private bool _plusValue;
    private bool _erroring;

    public bool Sharp { get; set; }

    public bool Zero { get; set; }

    public bool Plus { get; set; }

    public bool Minus { get; set; }

    public bool Space { get; set; }

    public int? Width { get; set; }

    public int? Precision { get; set; }

    public void ClearFlags()
    {
        Sharp = Zero = Plus = Minus = Space = _sharpValue = _plusValue = false;
        Width = Precision = null;
    }

    /// <summary>For %v the flags # and + mean other things than for other verbs.</summary>
    public void UseValueFlags()
    {
        (_sharpValue, Sharp) = (Sharp, false);
        (_plusValue, Plus) = (Plus, false);
    }

    public void Print(object? value, int verb)
    {
        if (value is null or NoValue)
        {
            if (verb is 'v' or 'T')
            {
                Pad("<nil>");
            }
            else
            {
                BadVerb(value, verb);
            }

            return;
        }

        if (verb == 'T')
        {
            Pad(Truncate(GoType.Of(value).Name));
            return;
        }

        PrintValue(value, verb, depth: 0);
    }

    private void PrintValue(object? value, int verb, int depth)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        switch (value)
        {
            case null:
                output.Append(_sharpValue ? "interface {}(nil)" : "<nil>");
                break;
            case bool flag:
                if (verb is 't' or 'v')
                {
                    Pad(flag ? "true" : "false");
                }
                else
                {
                    BadVerb(value, verb);
                }

                break;
            case double number:
                Float(number, verb, single: false, value);
                break;
            case float number:
                Float(number, verb, single: true, value);
                break;
            case string text:
                Text(text, verb, value);
                break;
            case GoBytes bytes:
                Bytes(bytes, verb);
                break;
            case GoMap map:
                Map(map, verb, depth);
                break;
            case GoList list:
                List(list, verb, depth);
                break;
            case GoObject o when !_sharpValue && !_erroring && verb is 'v' or 's' or 'x' or 'X' or 'q' && o.Text is { } text:
                Text(text, verb, value);
                break;
            case GoNumber number:
                Integer(number.Value, negative: number.Value < 0, signed: true, verb, value);
                break;
            case GoObject o:
                Struct(o, verb, depth);
                break;
            case GoFunction:
                output.Append("0x1000000");
                break;
            case ulong or nuint or uint or ushort or byte:
                Integer(unchecked((long)Convert.ToUInt64(value is nuint n ? (ulong)n : value, CultureInfo.InvariantCulture)), negative: false, signed: false, verb, value);
                break;
            default:
                var known = GoValues.TryGetInteger(value, out var integer);
                Integer(known ? integer : 0, integer < 0, signed: true, verb, value);
                break;
        }
    }

    private void Text(string text, int verb, object value)
    {
        switch (verb)
        {
            case 'v' when _sharpValue:
            case 'q':
                text = Truncate(text);
                Pad(Sharp && GoQuote.CanBackquote(text) ? $"`{text}`" : Plus ? GoQuote.QuoteAscii(text) : GoQuote.Quote(text));
                break;
            case 'v' or 's':
                Pad(Truncate(text));
                break;
            case 'x' or 'X':
                Hexadecimal(GoText.ToBytes(text), verb);
                break;
            default:
                BadVerb(value, verb);
                break;
        }
    }

    private void Bytes(GoBytes bytes, int verb)
    {
        switch (verb)
        {
            case 's' or 'q':
                Text(bytes.ToText(), verb, bytes);
                break;
            case 'x' or 'X':
                Hexadecimal(bytes.AsSpan(), verb);
                break;
            default:
                List(bytes, verb, 0);
                break;
        }
    }

    private void Hexadecimal(ReadOnlySpan<byte> bytes, int verb)
    {
        if (Precision < bytes.Length)
        {
            bytes = bytes[..Precision.Value];
        }

        var text = new StringBuilder(bytes.Length * 2);
        for (var i = 0; i < bytes.Length; i++)
        {
            if (Space && i > 0)
            {
                text.Append(' ');
            }

            if (Sharp && (i == 0 || Space))
            {
                text.Append('0').Append((char)verb);
            }

            text.Append(bytes[i].ToString(verb == 'x' ? "x2" : "X2", CultureInfo.InvariantCulture));
        }

        var zero = Zero;
        Zero = false;
        Pad(text.ToString());
        Zero = zero;
    }

    private void Map(GoMap map, int verb, int depth)
    {
        output.Append(_sharpValue ? map.Type.Name + "{" : "map[");
        var first = true;
        foreach (var key in map.SortedKeys)
        {
            if (!first)
            {
                output.Append(_sharpValue ? ", " : " ");
            }

            first = false;
            PrintValue(key, verb, depth + 1);
            output.Append(':');
            PrintValue(map[key], verb, depth + 1);
        }

        output.Append(_sharpValue ? '}' : ']');
    }

    private void List(GoList list, int verb, int depth)
    {
        if (_sharpValue && list.IsNil)
        {
            output.Append(list.Type.Name).Append("(nil)");
            return;
        }

        output.Append(_sharpValue ? (list is GoBytes ? "[]byte" : list.Type.Name) + "{" : "[");
        for (var i = 0; i < list.Count; i++)
        {
            if (i > 0)
            {
                output.Append(_sharpValue ? ", " : " ");
            }

            PrintValue(list[i], verb, depth + 1);
        }

        output.Append(_sharpValue ? '}' : ']');
    }

    private void Struct(GoObject o, int verb, int depth)
    {
        if (o.Type.Kind == GoKind.Pointer)
        {
            if (depth > 0)
            {
                output.Append("0xc000000000");
                return;
            }

            output.Append('&');
        }

        if (_sharpValue)
        {
            output.Append(o.Type.Name.TrimStart('*'));
        }

        output.Append('{');
        for (var i = 0; i < o.FieldNames.Count; i++)
        {
            if (i > 0)
            {
                output.Append(_sharpValue ? ", " : " ");
            }

            if (_sharpValue || _plusValue)
            {
                output.Append(o.FieldNames[i]).Append(':');
            }

            o.TryGetField(o.FieldNames[i], out var value);
            PrintValue(value, verb, depth + 1);
        }

        output.Append('}');
    }

    private void Float(double number, int verb, bool single, object value)
    {
        var (format, precision) = verb switch
        {
            'v' => ('g', -1),
            'g' or 'G' or 'x' or 'X' or 'b' => ((char)verb, -1),
            'e' or 'E' or 'f' => ((char)verb, 6),
            'F' => ('f', 6),
            _ => ('\0', 0),
        };
        if (format == '\0')
        {
            BadVerb(value, verb);
            return;
        }

        var digits = Math.Min(Precision ?? precision, LongestDecimal);
        var text = GoFloat.Format(number, format, digits, single);
        var signed = text[0] is '-' or '+' ? text : "+" + text;
        if (Sharp && double.IsFinite(number) && format != 'b')
        {
            signed = WithPoint(signed, format, digits);
        }

        if (Space && signed[0] == '+' && !Plus)
        {
            signed = " " + signed[1..];
        }

        if (!double.IsFinite(number))
        {
            var zero = Zero;
            Zero = false;
            Pad(double.IsNaN(number) && !Space && !Plus ? signed[1..] : signed);
            Zero = zero;
            return;
        }

        if (!Plus && signed[0] == '+')
        {
            Pad(signed[1..]);
        }
        else if (Zero && !Minus && Width > GoFormat.RuneCount(signed))
        {
            // The sign comes before the zeros.
            output.Append(signed[0]).Append('0', Width.Value - signed.Length).Append(signed.AsSpan(1));
        }
        else
        {
            Pad(signed);
        }
    }

    // With # a decimal point is always there, and %g keeps trailing zeros.
    private static string WithPoint(string signed, char format, int digits)
    {
        var hexadecimal = format is 'x' or 'X';
        var exponentAt = hexadecimal ? signed.AsSpan().IndexOfAny('p', 'P') : signed.AsSpan().IndexOfAny('e', 'E');
        var (body, tail) = exponentAt < 0 ? (signed, "") : (signed[..exponentAt], signed[exponentAt..]);
        var hasPoint = body.Contains('.', StringComparison.Ordinal);
        if (!hasPoint)
        {
            body += ".";
        }

        if (hexadecimal || format is 'g' or 'G')
        {
            // The x of 0x counts as a digit here, as in Go.
            var significant = body.AsSpan(1).TrimStart("0.").ToString().Count(char.IsAsciiLetterOrDigit);
            body += new string('0', Math.Max(0, (digits < 0 ? 6 : digits) - Math.Max(significant, hasPoint ? 0 : 1)));
        }

        return body + tail;
    }

    private void Integer(long bits, bool negative, bool signed, int verb, object value)
    {
        var magnitude = negative ? unchecked((ulong)-bits) : (ulong)bits;
        switch (verb)
        {
            case 'v' when _sharpValue && !signed:
                Digits(magnitude, negative: false, 'x', sharp: true);
                break;
            case 'v' or 'd' or 'b' or 'o' or 'O' or 'x' or 'X':
                Digits(magnitude, negative, verb, Sharp);
                break;
            case 'c':
                Pad(Rune.IsValid((int)Math.Clamp(bits, -1, 0x110000)) ? new Rune((int)bits).ToString() : "\uFFFD");
                break;
            case 'q':
                Pad(GoQuote.QuoteRune(bits, Plus));
                break;
            case 'U':
                var shown = $"U+{((ulong)bits).ToString("X" + Math.Max(4, Precision ?? 4), CultureInfo.InvariantCulture)}";
                Pad(Sharp && Rune.TryCreate((int)Math.Min(magnitude, 0x110000), out var rune) && GoQuote.IsPrint(rune) ? $"{shown} '{rune}'" : shown);
                break;
            case 'e' or 'E' or 'f' or 'F' or 'g' or 'G':
            default:
                BadVerb(value, verb);
                break;
        }
    }

    private void Digits(ulong magnitude, bool negative, int verb, bool sharp)
    {
        var digits = verb switch
        {
            'b' => magnitude.ToString("B", CultureInfo.InvariantCulture),
            'o' or 'O' => Octal(magnitude),
            'x' => magnitude.ToString("x", CultureInfo.InvariantCulture),
            'X' => magnitude.ToString("X", CultureInfo.InvariantCulture),
            _ => magnitude.ToString(CultureInfo.InvariantCulture),
        };
        if (Precision == 0 && magnitude == 0)
        {
            var zero = Zero;
            Zero = false;
            Pad("");
            Zero = zero;
            return;
        }

        var sign = negative ? "-" : Plus ? "+" : Space ? " " : "";
        var wanted = Precision ?? (Zero && !Minus && Width is { } width ? width - sign.Length : 0);
        digits = digits.PadLeft(wanted, '0');
        var prefix = (verb, sharp) switch
        {
            ('b', true) => "0b",
            ('o', true) => digits[0] == '0' ? "" : "0",
            ('O', _) => "0o",
            ('x' or 'X', true) => "0" + (char)verb,
            _ => "",
        };
        var keep = Zero;
        Zero = false;
        Pad(sign + prefix + digits);
        Zero = keep;
    }

    private static string Octal(ulong magnitude)
    {
        var digits = new StringBuilder();
        do
        {
            digits.Insert(0, (char)('0' + (magnitude & 7)));
            magnitude >>= 3;
        }
        while (magnitude != 0);
        return digits.ToString();
    }

    private void BadVerb(object? value, int verb)
    {
        _erroring = true;
        output.Append("%!").Append(new Rune(verb)).Append('(');
        if (value is null or NoValue)
        {
            output.Append("<nil>");
        }
        else
        {
            output.Append(GoType.Of(value).Name).Append('=');
            Print(value, 'v');
        }

        output.Append(')');
        _erroring = false;
    }

    private string Truncate(string text) => Precision is { } precision ? GoFormat.TruncateRunes(text, precision) : text;

    private void Pad(string text)
    {
        var missing = (Width ?? 0) - GoFormat.RuneCount(text);
        if (missing <= 0)
        {
            output.Append(text);
        }
        else if (Minus)
        {
            output.Append(text).Append(' ', missing);
        }
        else
        {
            output.Append(Zero ? '0' : ' ', missing).Append(text);
        }
    }
}
