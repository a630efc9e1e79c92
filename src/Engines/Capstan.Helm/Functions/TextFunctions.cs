using System.Text;
using Capstan.GoTemplates;
using static Capstan.Helm.Functions.FunctionTable;

namespace Capstan.Helm.Functions;

/// <summary>Strings: trimming, searching, joining, quoting, indenting.</summary>
internal static class TextFunctions
{
    public static readonly GoFunction[] All =
    [
        Of("hello", [], static (_, _) => "Hello!"),
        Of("abbrev", [GoType.Int, GoType.String], static (_, a) => Abbreviate(a.Text(1), 0, a.Int(0))),
        Of("abbrevboth", [GoType.Int, GoType.Int, GoType.String], static (_, a) => AbbreviateBoth(a.Int(0), a.Int(1), a.Text(2))),
        Of("trunc", [GoType.Int, GoType.String], static (_, a) => Truncate(a.Int(0), a.Text(1))),
        Of("trim", [GoType.String], static (_, a) => a.Text(0).Trim(GoSpaces)),
        Of("substr", [GoType.Int, GoType.Int, GoType.String], static (_, a) => Substring(a.Int(0), a.Int(1), a.Text(2))),
        Of("repeat", [GoType.Int, GoType.String], static (call, a) => Repeat(call, a.Int(0), a.Text(1))),
        Of("trimall", [GoType.String, GoType.String], static (_, a) => TrimAll(a.Text(0), a.Text(1))),
        Of("trimAll", [GoType.String, GoType.String], static (_, a) => TrimAll(a.Text(0), a.Text(1))),
        Of("trimSuffix", [GoType.String, GoType.String], static (_, a) => TrimSuffix(a.Text(0), a.Text(1))),
        Of("trimPrefix", [GoType.String, GoType.String], static (_, a) =>
            a.Text(1).StartsWith(a.Text(0), StringComparison.Ordinal) ? a.Text(1)[a.Text(0).Length..] : a.Text(1)),
        Of("nospace", [GoType.String], static (_, a) => string.Concat(a.Text(0).Where(static c => !char.IsWhiteSpace(c)))),
        Of("wrap", [GoType.Int, GoType.String], static (_, a) => Wrap(a.Text(1), a.Int(0), "\n", longWords: false)),
        Of("wrapWith", [GoType.Int, GoType.String, GoType.String], static (_, a) =>
            Wrap(a.Text(2), a.Int(0), a.Text(1).Length == 0 ? "\n" : a.Text(1), longWords: true)),
        Of("contains", [GoType.String, GoType.String], static (_, a) => GoValues.Bool(a.Text(1).Contains(a.Text(0), StringComparison.Ordinal))),
        Of("hasPrefix", [GoType.String, GoType.String], static (_, a) => GoValues.Bool(a.Text(1).StartsWith(a.Text(0), StringComparison.Ordinal))),
        Of("hasSuffix", [GoType.String, GoType.String], static (_, a) => GoValues.Bool(a.Text(1).EndsWith(a.Text(0), StringComparison.Ordinal))),
        Variadic("quote", [GoType.Any], static (_, a) => Joined(a, static v => GoQuote.Quote(Conversions.ToText(v)))),
        Variadic("squote", [GoType.Any], static (_, a) => Joined(a, static v => $"'{GoFormat.Sprint(v)}'")),
        Variadic("cat", [GoType.Any], static (_, a) => Joined(a, GoFormat.Sprint)),
        Of("indent", [GoType.Int, GoType.String], static (call, a) => Indent(call, a.Int(0), a.Text(1), "")),
        Of("nindent", [GoType.Int, GoType.String], static (call, a) => Indent(call, a.Int(0), a.Text(1), "\n")),
        Of("replace", [GoType.String, GoType.String, GoType.String], static (call, a) => Replace(call, a.Text(0), a.Text(1), a.Text(2))),
        Of("plural", [GoType.String, GoType.String, GoType.Int], static (_, a) => a.Int(2) == 1 ? a[0] : a[1]),
        Of("toString", [GoType.Any], static (_, a) => Conversions.ToText(a[0])),
        Of("toStrings", [GoType.Any], static (_, a) => GoArray.OfStrings(Conversions.ToTexts(a[0]))),
        Of("join", [GoType.String, GoType.Any], static (_, a) => string.Join(a.Text(0), Conversions.ToTexts(a[1]))),
        Of("split", [GoType.String, GoType.String], static (_, a) => Numbered(Split(a.Text(1), a.Text(0), -1))),
        Of("splitn", [GoType.String, GoType.Int, GoType.String], static (_, a) => Numbered(Split(a.Text(2), a.Text(0), a.Int(1)))),
        Of("splitList", [GoType.String, GoType.String], static (_, a) => GoArray.OfStrings(Split(a.Text(1), a.Text(0), -1))),
    ];

    private static readonly char[] GoSpaces = [.. Enumerable.Range(0, 0x3001).Select(static i => (char)i).Where(char.IsWhiteSpace)];

    internal static string Indent(TemplateCall call, int spaces, string text, string before)
    {
        if (spaces < 0)
        {
            throw new GoException("strings: negative Repeat count");
        }

        call.Budget.Expect(text.Length + ((long)spaces * (text.AsSpan().Count('\n') + 1)));
        var pad = new string(' ', spaces);
        return $"{before}{pad}{text.Replace("\n", "\n" + pad, StringComparison.Ordinal)}";
    }

    // strings.Split and SplitN: without a separator every character is a part.
    internal static string[] Split(string text, string separator, int count)
    {
        if (count == 0)
        {
            return [];
        }

        if (separator.Length > 0)
        {
            return count < 0 ? text.Split(separator) : text.Split(separator, count);
        }

        var parts = new List<string>();
        for (var i = 0; i < text.Length;)
        {
            if (count > 0 && parts.Count == count - 1)
            {
                parts.Add(text[i..]);
                break;
            }

            var width = char.IsHighSurrogate(text[i]) && i + 1 < text.Length ? 2 : 1;
            parts.Add(text.Substring(i, width));
            i += width;
        }

        return [.. parts];
    }

    private static string Joined(object?[] values, Func<object?, string> show)
    {
        if (values.Length == 1)
        {
            return values[0] is null ? "" : show(values[0]);
        }

        return string.Join(' ', values.Where(static v => v is not null).Select(show));
    }

    private static GoMap Numbered(string[] parts)
    {
        var map = new GoMap(GoType.MapOfString, parts.Length);
        for (var i = 0; i < parts.Length; i++)
        {
            map[$"_{i}"] = parts[i];
        }

        return map;
    }

    private static string Replace(TemplateCall call, string old, string replacement, string text)
    {
        if (old.Length > 0)
        {
            if (replacement.Length > old.Length && (long)text.Length * replacement.Length > call.Budget.MaxText)
            {
                var count = 0L;
                for (var at = text.IndexOf(old, StringComparison.Ordinal); at >= 0; at = text.IndexOf(old, at + old.Length, StringComparison.Ordinal))
                {
                    count++;
                }

                call.Budget.Expect(text.Length + (count * (replacement.Length - old.Length)));
            }

            return text.Replace(old, replacement, StringComparison.Ordinal);
        }

        // Go puts the replacement before every character and at the end.
        call.Budget.Expect((long)text.Length * (replacement.Length + 1));
        var output = new StringBuilder();
        foreach (var rune in text.EnumerateRunes())
        {
            output.Append(replacement).Append(rune);
        }

        return output.Append(replacement).ToString();
    }

    private static string Repeat(TemplateCall call, int count, string text)
    {
        if (count < 0)
        {
            throw new GoException("strings: negative Repeat count");
        }

        call.Budget.Expect((long)count * text.Length);
        return new StringBuilder(count * text.Length).Insert(0, text, count).ToString();
    }

    private static string TrimSuffix(string suffix, string text) =>
        text.EndsWith(suffix, StringComparison.Ordinal) ? text[..^suffix.Length] : text;

    private static string TrimAll(string characters, string text) => characters.Length == 0 ? text : text.Trim(characters.ToCharArray());

    private static string Truncate(int count, string text)
    {
        var length = GoText.ByteLength(text);
        if (count < 0 && length + count > 0)
        {
            return GoText.Slice(text, length + count, length);
        }

        return count >= 0 && length > count ? GoText.Slice(text, 0, count) : text;
    }

    private static string Substring(int start, int end, string text)
    {
        var length = GoText.ByteLength(text);
        if (start < 0)
        {
            return Checked(text, 0, end, length);
        }

        return end < 0 || end > length ? Checked(text, start, length, length) : Checked(text, start, end, length);
    }

    private static string Checked(string text, int from, int to, int length)
    {
        if (to < 0 || to > length)
        {
            throw new GoException($"runtime error: slice bounds out of range [:{to}]{(to < 0 ? "" : $" with length {length}")}");
        }

        return from > to ? throw new GoException($"runtime error: slice bounds out of range [{from}:{to}]") : GoText.Slice(text, from, to);
    }

    private static string AbbreviateBoth(int left, int right, string text) =>
        right < 4 || (left > 0 && right < 7) ? text : Abbreviate(text, left, right);

    private static string Abbreviate(string text, int offset, int width)
    {
        var length = GoText.ByteLength(text);
        if (text.Length == 0 || width < 4 || length <= width)
        {
            return text;
        }

        offset = Math.Min(offset, length);
        if (length - offset < width - 3)
        {
            offset = length - (width - 3);
        }

        if (offset <= 4)
        {
            return GoText.Slice(text, 0, width - 3) + "...";
        }

        if (width < 7)
        {
            return "";
        }

        return offset + width - 3 < length
            ? "..." + Abbreviate(GoText.Slice(text, offset, length), 0, width - 3)
            : "..." + GoText.Slice(text, length - (width - 3), length);
    }

    private static string Wrap(string text, int width, string newline, bool longWords)
    {
        width = Math.Max(width, 1);
        var output = new StringBuilder(text.Length + 16);
        var at = 0;
        while (text.Length - at > width)
        {
            if (text[at] == ' ')
            {
                at++;
                continue;
            }

            var space = text.LastIndexOf(' ', at + width, width + 1);
            if (space >= at)
            {
                output.Append(text, at, space - at).Append(newline);
                at = space + 1;
            }
            else if (longWords)
            {
                output.Append(text, at, width).Append(newline);
                at += width;
            }
            else
            {
                space = text.IndexOf(' ', at + width);
                if (space < 0)
                {
                    output.Append(text, at, text.Length - at);
                    at = text.Length;
                }
                else
                {
                    output.Append(text, at, space - at).Append(newline);
                    at = space + 1;
                }
            }
        }

        return output.Append(text, at, text.Length - at).ToString();
    }
}
