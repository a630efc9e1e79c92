using System.Globalization;
using System.Text;

namespace Capstan.GoTemplates;

/// <summary>Go's quoted strings (package strconv).</summary>
public static class GoQuote
{
    /// <summary>A string in double quotes, with Go's escapes.</summary>
    public static string Quote(string text) => Quote(text, '"', asciiOnly: false);

    /// <summary>A string in double quotes, everything beyond ASCII escaped.</summary>
    internal static string QuoteAscii(string text) => Quote(text, '"', asciiOnly: true);

    /// <summary>A character in single quotes.</summary>
    internal static string QuoteRune(long rune, bool asciiOnly)
    {
        var valid = Rune.IsValid((int)Math.Clamp(rune, -1, 0x110000)) ? new Rune((int)rune) : Rune.ReplacementChar;
        return Quote(valid.ToString(), '\'', asciiOnly);
    }

    /// <summary>Whether a string can stand unchanged between backquotes.</summary>
    public static bool CanBackquote(string text)
    {
        foreach (var c in text)
        {
            if ((c < ' ' && c != '\t') || c is '`' or '\x7f' or '\uFEFF' || char.IsSurrogate(c))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary><c>U+0029 ')'</c>.</summary>
    internal static string Unicode(Rune rune) => $"U+{rune.Value:X4}" + (IsPrint(rune) ? $" '{rune}'" : "");

    /// <summary>Go's unicode.IsPrint.</summary>
    public static bool IsPrint(Rune rune) => rune.IsAscii
        ? rune.Value is >= ' ' and < 0x7f
        : Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate
            or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned or UnicodeCategory.LineSeparator
            or UnicodeCategory.ParagraphSeparator or UnicodeCategory.SpaceSeparator);

    /// <summary>Reads a Go string literal in double or back quotes.</summary>
    /// <exception cref="GoException">The literal is not valid.</exception>
    internal static string Unquote(string literal)
    {
        if (literal.Length < 2 || literal[0] != literal[^1])
        {
            throw new GoException("invalid syntax");
        }

        if (literal[0] == '`')
        {
            return literal[1..^1].Replace("\r", "", StringComparison.Ordinal);
        }

        var body = literal.AsSpan(1, literal.Length - 2);
        if (body.IndexOf('\\') < 0)
        {
            return body.ToString();
        }

        var output = new StringBuilder(body.Length);
        var bytes = false;
        while (!body.IsEmpty)
        {
            bytes |= ReadCharacter(ref body, literal[0], output, out _);
        }

        // \x and octal escapes give bytes, which may together be UTF-8.
        return bytes ? GoText.FromBytes(GoText.ToBytes(output.ToString())) : output.ToString();
    }

    /// <summary>Reads a Go character literal.</summary>
    /// <exception cref="GoException">The literal is not valid.</exception>
    internal static long UnquoteCharacter(string literal)
    {
        var body = literal.AsSpan(1);
        ReadCharacter(ref body, '\'', new StringBuilder(), out var value);
        return body is "'" ? value : throw new GoException($"malformed character constant: {literal}");
    }

    // Returns whether the character was written as a byte beyond ASCII.
    private static bool ReadCharacter(ref ReadOnlySpan<char> body, char quote, StringBuilder output, out long value)
    {
        var c = body[0];
        if (c != '\\')
        {
            if (c == quote || c == '\n')
            {
                throw new GoException("invalid syntax");
            }

            var width = char.IsHighSurrogate(c) && body.Length > 1 && char.IsLowSurrogate(body[1]) ? 2 : 1;
            value = width == 2 ? char.ConvertToUtf32(c, body[1]) : c;
            output.Append(body[..width]);
            body = body[width..];
            return false;
        }

        if (body.Length < 2)
        {
            throw new GoException("invalid syntax");
        }

        var escape = body[1];
        body = body[2..];
        switch (escape)
        {
            case 'x':
                value = Number(ref body, 2, 16);
                return AppendByte(output, value);
            case 'u' or 'U':
                value = Number(ref body, escape == 'u' ? 4 : 8, 16);
                output.Append(Rune.TryCreate((int)Math.Min(value, int.MaxValue), out var rune) ? rune.ToString() : throw new GoException("invalid syntax"));
                return false;
            case >= '0' and <= '7':
                value = ((escape - '0') * 64) + Number(ref body, 2, 8);
                return value > 255 ? throw new GoException("invalid syntax") : AppendByte(output, value);
        }

        if (escape is '\'' or '"' && escape != quote)
        {
            throw new GoException("invalid syntax");
        }

        var plain = escape switch
        {
            'a' => '\a',
            'b' => '\b',
            'f' => '\f',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'v' => '\v',
            '\\' or '\'' or '"' => escape,
            _ => throw new GoException("invalid syntax"),
        };
        value = plain;
        output.Append(plain);
        return false;
    }

    private static bool AppendByte(StringBuilder output, long value)
    {
        output.Append((char)(value < 0x80 ? value : 0xDC00 + value));
        return value >= 0x80;
    }

    private static long Number(ref ReadOnlySpan<char> body, int digits, int radix)
    {
        if (body.Length < digits)
        {
            throw new GoException("invalid syntax");
        }

        long value = 0;
        foreach (var c in body[..digits])
        {
            var digit = char.IsAsciiHexDigit(c) ? Convert.ToInt32(c.ToString(), 16) : 99;
            if (digit >= radix)
            {
                throw new GoException("invalid syntax");
            }

            value = (value * radix) + digit;
        }

        body = body[digits..];
        return value;
    }

    private static string Quote(string text, char quote, bool asciiOnly)
    {
        var output = new StringBuilder(text.Length + 2).Append(quote);
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (c is >= ' ' and < '\x7f')
            {
                if (c == quote || c == '\\')
                {
                    output.Append('\\');
                }

                output.Append(c);
            }
            else if (GoText.IsEscapedByte(text, i))
            {
                output.Append(CultureInfo.InvariantCulture, $"\\x{c - 0xDC00:x2}");
            }
            else
            {
                var rune = Rune.TryGetRuneAt(text, i, out var found) ? found : Rune.ReplacementChar;
                i += rune.Utf16SequenceLength - 1;
                AppendOther(output, rune, asciiOnly);
            }
        }

        return output.Append(quote).ToString();
    }

    private static void AppendOther(StringBuilder output, Rune rune, bool asciiOnly)
    {
        if (IsPrint(rune) && (!asciiOnly || rune.IsAscii))
        {
            output.Append(rune.ToString());
            return;
        }

        var named = rune.Value switch
        {
            '\a' => "\\a",
            '\b' => "\\b",
            '\f' => "\\f",
            '\n' => "\\n",
            '\r' => "\\r",
            '\t' => "\\t",
            '\v' => "\\v",
            < ' ' or 0x7f => $"\\x{rune.Value:x2}",
            < 0x10000 => $"\\u{rune.Value:x4}",
            _ => $"\\U{rune.Value:x8}",
        };
        output.Append(named);
    }
}
