using System.Globalization;
using System.Text;

namespace Capstan.Cel.Parsing;

/// <summary>Texts and bytes as written: quotes of three kinds, raw ones, escapes.</summary>
internal static class StringLiteral
{
    /// <summary>Whether a literal begins here: a quote, after at most one r and one b.</summary>
    public static bool StartsAt(string input, int at)
    {
        var quote = Prefix(input, at, out _, out _);
        return quote < input.Length && input[quote] is '"' or '\'';
    }

    public static CelValue Read(string input, ref int at)
    {
        var start = at;
        at = Prefix(input, at, out var raw, out var bytes);
        var quote = input[at].ToString();
        var triple = string.CompareOrdinal(input, at, quote + quote + quote, 0, 3) == 0;
        var end = triple ? quote + quote + quote : quote;
        at += end.Length;
        var (text, content) = (new StringBuilder(), new List<byte>());
        while (string.CompareOrdinal(input, at, end, 0, end.Length) != 0)
        {
            if (at >= input.Length || !triple && input[at] is '\n' or '\r')
            {
                throw new CelException($"Syntax error: token recognition error at: '{input[start..Math.Min(at, input.Length)]}'", input, start);
            }

            if (input[at] == '\\' && !raw)
            {
                Escape(input, ref at, bytes, text, content);
                continue;
            }

            if (bytes)
            {
                var length = char.IsSurrogatePair(input, Math.Min(at, Math.Max(0, input.Length - 2))) && char.IsHighSurrogate(input[at]) ? 2 : 1;
                content.AddRange(Encoding.UTF8.GetBytes(input.Substring(at, length)));
                at += length;
            }
            else
            {
                text.Append(input[at++]);
            }
        }

        at += end.Length;
        return bytes ? new CelBytes([.. content]) : CelValue.Of(text.ToString());
    }

    private static int Prefix(string input, int at, out bool raw, out bool bytes)
    {
        (raw, bytes) = (false, false);
        for (; at < input.Length; at++)
        {
            if (!raw && input[at] is 'r' or 'R') raw = true;
            else if (!bytes && input[at] is 'b' or 'B') bytes = true;
            else break;
        }

        return at;
    }

    private static void Escape(string input, ref int at, bool bytes, StringBuilder text, List<byte> content)
    {
        var start = at;
        var kind = at + 1 < input.Length ? input[at + 1] : '\0';
        var digits = kind switch { 'x' or 'X' => 2, 'u' => 4, 'U' => 8, >= '0' and <= '3' => 3, _ => 0 };
        if (digits == 0)
        {
            var plain = kind switch
            {
                'a' => '\a',
                'b' => '\b',
                'f' => '\f',
                'n' => '\n',
                'r' => '\r',
                't' => '\t',
                'v' => '\v',
                '\\' or '?' or '"' or '\'' or '`' => kind,
                _ => throw Bad(input, start),
            };
            at += 2;
            text.Append(plain);
            content.Add((byte)plain);
            return;
        }

        var from = digits == 3 ? at + 1 : at + 2;
        if (from + digits > input.Length || !TryCode(input.AsSpan(from, digits), digits == 3, out var code)) throw Bad(input, start);
        at = from + digits;
        if (bytes)
        {
            content.Add(digits is 4 or 8 ? throw Bad(input, start) : (byte)code);
            return;
        }

        text.Append(Rune.IsValid(code) ? new Rune(code).ToString() : throw Bad(input, start));
    }

    private static bool TryCode(ReadOnlySpan<char> digits, bool octal, out int code)
    {
        if (!octal) return int.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out code);
        code = 0;
        foreach (var digit in digits)
        {
            if (digit is < '0' or > '7') return false;
            code = (code * 8) + (digit - '0');
        }

        return true;
    }

    private static CelException Bad(string input, int at) => new("Syntax error: invalid escape in a literal", input, at);
}
